"""The lines of one Python file that speak of columns, from its facts alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Elem, Item, Map, Name, Op, Param, Phi, Seq, Span, Star, Store, Template
from mldebt.project.columns_file import EXCLUDES, FRAME_METHODS, FileColumns, children

_DROPS = frozenset({"drop", "pop", "drop_columns", "drop_nulls"})
_NAMES = frozenset({"rename", "alias", "to_frame", "label", "named"})  # methods whose first argument is the name of the result
_KEYWORDS = frozenset({
    "by", "cat_features", "categorical_feature", "categorical_features", "cols", "col", "column", "columns", "cols_to_use", "features",
    "feature_names", "id_vars", "index", "index_col", "inputCols", "keys", "left_on", "names", "on", "parse_dates", "right_on", "subset",
    "usecols", "value_vars", "values", "variables",
})  # fmt: skip
_TAKES = FRAME_METHODS | frozenset({
    "agg", "aggregate", "pivot", "select", "get", "getField", "value_counts", "nlargest", "nsmallest", "explode", "get_column", "pop",
    "col", "get_group", "orderBy", "groupBy", "partitionBy", "filter", "set_axis", "to_numpy", "reindex",
})  # fmt: skip
_TABLES = frozenset({"dtype", "dtypes", "schema", "columns", "converters", "na_values", "feature_types", "parse_dates"})  # keywords
_QUERIES = frozenset({"query", "eval", "filter", "where", "selectExpr", "expr", "sql"})
_SQL = re.compile(r"\bselect\b.+\bfrom\b", re.IGNORECASE | re.DOTALL)
_FORMULA = re.compile(r"^\s*\w+\s*~\s*\w")
_LISTS = re.compile(
    r"feature|feats?\b|column|(^|_)cols?(_|$)|field|numeric|categor|variable|predictor|inputs?\b|(^|_)(num|cat)(_|$)", re.IGNORECASE
)
_SETTINGS = re.compile(r"conf|cfg|opt|arg|param|setting|environ|(^|_)paths?$", re.IGNORECASE)
_CLIMB = 6
_FIELD = re.compile(r"\{[^{}]*\}")
_LITERAL = 3  # characters that a pattern must know


class Found(msgspec.Struct, frozen=True):
    """One place. `role` is creates, reads or drops."""

    column: str
    span: Span
    scope: int
    role: str


class Names:
    """The columns of the data. `plain` are those whose names alone tell that a column is meant, `ends` are beginnings and ends of all."""

    def __init__(self, columns: frozenset[str], plain: frozenset[str]) -> None:
        self.columns, self.plain = columns, plain
        self.ends = frozenset(end for name in columns for i in range(_LITERAL, len(name) + 1) for end in (name[:i], name[-i:]))
        self._matching: dict[str, tuple[str, ...]] = {}

    def matching(self, regex: str) -> tuple[str, ...]:
        """The columns that the whole of a regular expression matches, sorted."""
        if regex not in self._matching:
            compiled = re.compile(regex, re.DOTALL)
            self._matching[regex] = tuple(sorted(name for name in self.columns if compiled.fullmatch(name)))
        return self._matching[regex]


class FileMentions:
    """What one file says of the columns."""

    def __init__(self, file: FileColumns, names: Names) -> None:
        self._file, self._values, self._names = file, file.values, names
        self._columns, self._plain = names.columns, names.plain
        self._several: dict[int, bool] = {}

    def found(self) -> Iterator[Found]:
        """Every place, in no order; a line may be named more than once."""
        file = self._file
        named = sorted(self._columns & file.strings.keys())
        dotted = self._columns & file.attributes
        if named or dotted or any(d.name in self._columns for d in file.definitions):
            yield from self._stores()
        for name in named:
            for kind, parent in self._mentions(name):
                yield from self._of(name, file.strings[name], parent, kind)
        if dotted:
            yield from self._attributes(dotted)
        if any(text in self._names.ends or ("{" in text and text.partition("{")[0] in self._names.ends) for text in file.strings):
            yield from self._patterns()
        if "~" in file.text or "select" in file.text.lower() or not _QUERIES.isdisjoint(file.attributes):
            yield from self._texts()

    # what creates --------------------------------------------------------------------------------------------------

    def _stores(self) -> Iterator[Found]:
        for write in self._file.module.facts.writes:
            if write.key < 0:
                framed = self._file.is_frame(write.base)
                renamed = self._file.names(write.value) if write.name == "columns" else ()
                names: tuple[str, ...] = renamed or ((write.name,) if framed else ())
            else:
                names = self._file.names(write.key) or self._single(write.key)
            for name in names:
                if name in self._plain or (name in self._columns and self._is_frame(write.base)):
                    role = "reads" if self._is_made_of(write.value, name, write.key) else "creates"
                    yield Found(name, write.span, write.scope, role)
        for site in self._file.module.facts.sites:
            for name, value in self._file.added(site.value):
                if name in self._columns:
                    yield Found(name, site.span, site.scope, "reads" if self._is_made_of(value, name) else "creates")

    def _is_made_of(self, index: int, name: str, stored: int = -2) -> bool:
        """Whether a column is only changed: its new value is made of itself."""
        keys = (stored, self._file.strings.get(name, -2))
        stack, seen = [index], {index}
        while stack and len(seen) < 200:
            value = self._values[stack.pop()]
            if (type(value) is Item and value.key in keys) or (type(value) is Attr and value.name == name):
                return True
            if type(value) is not Store:
                more = [c for c in children(value) if c not in seen]
                seen.update(more)
                stack.extend(more)
        return False

    # what names ----------------------------------------------------------------------------------------------------

    def _mentions(self, name: str) -> Iterator[tuple[str, int]]:
        """Each value that the string is a part of, with `use`, `drop` or `exclude` where the file says so."""
        index = self._file.strings[name]
        kinds = {parent: kind for kind, parent in self._file.mentions(name)}
        for parent in self._file.parents.get(index, ()):
            yield kinds.get(parent, ""), parent

    def _of(self, name: str, index: int, parent: int, kind: str) -> Iterator[Found]:
        value = self._values[parent]
        dropped = kind in ("drop", "exclude")
        if type(value) is Item and value.key == index:
            if self._is_frame(value.base) or (name in self._plain and not self._is_settings(value.base)):
                yield from self._at(name, parent, "drops" if dropped else "reads")
        elif type(value) is Call:
            role = self._argument(name, index, value)
            if role:
                yield from self._at(name, parent, role)
        elif type(value) is Seq:
            yield from self._listed(name, parent, dropped)
        elif type(value) is Map:
            yield from self._mapped(name, index, parent, value)

    def _argument(self, name: str, index: int, call: Call) -> str:
        func = self._values[call.func]
        keyword = next((key for key, value in call.keywords if value == index), "")
        if type(func) is Attr:
            known = self._is_frame(func.base) or (name in self._plain and not self._is_settings(func.base))
            if not known:
                return ""
            if func.name in _DROPS:
                return "drops"
            if func.name in ("insert", "withColumn"):
                return "creates" if index in call.args[:2] else ""
            if func.name == "withColumnRenamed":
                return "creates" if call.args[1:2] == (index,) else "reads"
            if (func.name in _NAMES and (index in call.args[:1] or keyword == "name")) or (
                func.name == "reset_index" and keyword == "name"
            ):
                return "creates"
            return "reads" if func.name in _TAKES or keyword in _KEYWORDS else ""
        last = func.name.rpartition(".")[2] if type(func) is Name else ""
        beside = any(self._file.is_frame(argument) for argument in call.args)
        return "reads" if name in self._plain and (keyword in _KEYWORDS or last == "col" or beside) else ""

    def _listed(self, name: str, index: int, dropped: bool) -> Iterator[Found]:
        """A list with the name: a key, an argument, a variable, a part of another list."""
        parents = self._file.parents.get(index, ())
        variables = self._file.variables.get(index, ())
        if not variables and any(type(v := self._values[p]) is Store and v.key == index for p in parents):
            return  # columns that are stored: seen there
        beside = self._is_beside(index)
        listed = self._is_called_list(index)
        placed = any(self._takes(index, p, 0) for p in parents)
        if placed or (name in self._plain and (listed or beside)) or (beside and listed):
            yield from self._at(name, index, "drops" if dropped else "reads")

    def _is_called_list(self, index: int) -> bool:
        """Whether a variable that holds the value, alone or in a sum, is called after columns."""
        held = (index, *(p for p in self._file.parents.get(index, ()) if type(self._values[p]) is Op))
        names = (name for one in held for name in self._file.variables.get(one, ()))
        return any(_LISTS.search(name) or EXCLUDES.search(name) for name in names)

    def _is_beside(self, index: int) -> bool:
        """Whether a list, or the keys of a dictionary, name more than one column."""
        if index not in self._several:
            value = self._values[index]
            parts = value.items if type(value) is Seq else value.keys if type(value) is Map else ()
            names = {v.value for i in parts if i >= 0 and type(v := self._values[i]) is Const and isinstance(v.value, str)}
            self._several[index] = len(self._columns & names) > 1
        return self._several[index]

    def _takes(self, index: int, parent: int, depth: int) -> bool:
        """Whether a list stands where code takes names of columns."""
        value = self._values[parent]
        if type(value) is Item:
            return value.key == index and self._is_frame(value.base)
        if type(value) is Call:
            func = self._values[value.func]
            keyword = next((key for key, v in value.keywords if v == index), "")
            return keyword in _KEYWORDS or (type(func) is Attr and func.name in (_TAKES | _DROPS) and self._is_frame(func.base))
        if type(value) in (Seq, Op, Star) and depth < 3:
            return any(self._takes(parent, p, depth + 1) for p in self._file.parents.get(parent, ()))
        return False

    def _mapped(self, name: str, index: int, parent: int, value: Map) -> Iterator[Found]:
        """A dictionary: of new names, of what is done with each column, of the columns of a new frame, of one row."""
        beside = self._is_beside(parent)
        calls = [c for p in self._file.parents.get(parent, ()) if type(c := self._values[p]) is Call]
        renames = any(self._method(c) in ("rename", "withColumnsRenamed") for c in calls)
        if index in value.values:
            if renames:
                yield from self._at(name, parent, "creates")
            return
        if not (name in self._plain or beside or renames):
            return
        if renames or any(self._method(c) in ("agg", "aggregate", "astype", "fillna", "replace", "cast", "transform") for c in calls):
            yield from self._at(name, parent, "reads")
        elif any(self._method(c) in ("DataFrame", "from_dict") for c in calls):
            yield from self._at(name, parent, "creates")
        elif parent in self._file.returned:
            described = isinstance(self._values[value.values[value.keys.index(index)]], Const)
            yield from self._at(name, parent, "reads" if described else "creates")
        elif beside and (self._is_called_list(parent) or any(k in _TABLES for c in calls for k, v in c.keywords if v == parent)):
            yield from self._at(name, parent, "reads")

    def _method(self, call: Call) -> str:
        func = self._values[call.func]
        return func.name.rpartition(".")[2] if type(func) in (Attr, Name) else ""  # type: ignore[union-attr]

    def _attributes(self, names: frozenset[str]) -> Iterator[Found]:
        for index, value in enumerate(self._values):
            if type(value) is Attr and value.name in names and self._file.is_frame(value.base):
                yield from self._at(value.name, index, "reads")
            elif type(value) is Call and self._method(value) in ("agg", "aggregate", "select", "with_columns"):
                for key, _ in value.keywords:
                    if key in names:
                        yield from self._at(key, index, "creates")

    def _single(self, index: int) -> tuple[str, ...]:
        """The name that a variable of another scope or file stands for."""
        if type(self._values[index]) not in (Bound, Name, Attr):
            return ()
        names = self._file.selections.names(self._file.module, index)
        return tuple(names) if len(names) == 1 else ()

    def _is_settings(self, index: int) -> bool:
        """Whether a value is a dictionary of settings: a table in a table, or a variable that is called so."""
        value = self._values[index]
        if type(value) is Item:
            return type(key := self._values[value.key]) is Const and isinstance(key.value, str)
        return type(value) in (Param, Bound, Name, Attr) and _SETTINGS.search(value.name) is not None  # type: ignore[union-attr]

    def _is_frame(self, index: int) -> bool:
        """Whether a value is a frame, or what a frame was grouped into or indexed by."""
        for _ in range(_CLIMB):
            if self._file.is_frame(index):
                return True
            value = self._values[index]
            if type(value) is Call:
                index = value.func
            elif type(value) in (Attr, Item, Store):
                index = value.base  # type: ignore[union-attr]
            else:
                return False
        return False

    # names that are put together -----------------------------------------------------------------------------------

    def _patterns(self) -> Iterator[Found]:
        stored = {w.key for w in self._file.module.facts.writes}
        for index, value in enumerate(self._values):
            if type(value) is Item and value.key not in stored:
                for name in self._matching(value.key):
                    yield from self._at(name, index, "reads")
            elif type(value) is Call and type(func := self._values[value.func]) is Attr:
                regex = self._of_method(func, value)
                for name in self._names.matching(regex) if regex else ():
                    yield from self._at(name, index, "creates" if func.name.startswith("add_") else "reads")
        for write in self._file.module.facts.writes:
            for name in self._matching(write.key) if write.key >= 0 else ():
                yield Found(name, write.span, write.scope, "creates")

    def _of_method(self, func: Attr, call: Call) -> str:
        """A pattern that a method is given: `name.startswith("bureau_")`, `frame.filter(like="bureau_")`, `frame.add_prefix("note_")`."""
        given = call.args[0] if call.args else next((v for k, v in call.keywords if k in ("like", "prefix", "suffix")), -1)
        text = self._values[given] if given >= 0 else None
        if type(text) is not Const or not isinstance(text.value, str) or len(text.value) < _LITERAL:
            return ""
        literal = re.escape(text.value)
        if func.name == "filter" and any(k == "like" for k, _ in call.keywords):
            return f".*{literal}.*"
        base = self._values[func.base]
        over = type(base) in (Elem, Phi) or (type(base) is Attr and base.name == "str") or func.name.startswith("add_")
        if over and func.name in ("startswith", "add_prefix"):
            return f"{literal}.+"
        return f".+{literal}" if over and func.name in ("endswith", "add_suffix") else ""

    def _matching(self, key: int) -> tuple[str, ...]:
        """The columns that a key of known and unknown parts may name: it begins with known text, or each part is one of a known list."""
        value = self._values[key]
        if type(value) is Call and type(func := self._values[value.func]) is Attr and func.name == "format":
            text = self._values[func.base]
            pieces = _FIELD.split(text.value) if type(text) is Const and isinstance(text.value, str) else [""]
            return self._names.matching(".+".join(map(re.escape, pieces))) if len(pieces[0]) >= _LITERAL else ()
        parts = value.parts if type(value) is Template else value.operands if type(value) is Op and value.op == "+" else ()
        texts = [self._part(part) for part in parts]
        if not any(texts):
            return ()
        first = self._values[parts[0]]
        begun = type(first) is Const and len(str(first.value)) >= _LITERAL
        return self._names.matching("".join(text or ".+" for text in texts)) if begun or all(texts) else ()

    def _part(self, index: int) -> str:
        """A pattern for a part of a key; empty when nothing is known of it."""
        value = self._values[index]
        if type(value) is Const:
            return re.escape(value.value) if isinstance(value.value, str) else ""
        names = self._file.selections.chosen(self._file.module, index) if type(value) in (Elem, Phi) else None
        return "(" + "|".join(re.escape(name) for name in sorted(names)) + ")" if names else ""

    def _texts(self) -> Iterator[Found]:
        """Columns in the text of a query or a formula."""
        for text, index in self._file.strings.items():
            sql = _SQL.search(text) is not None
            asked = sql or _FORMULA.match(text) or self._is_query(index)
            if not asked:
                continue
            for name in sorted(self._plain.intersection(re.findall(r"\w+", text))):
                created = sql and re.search(rf"\bas\s+[`\"]?{re.escape(name)}\b", text, re.IGNORECASE)
                yield from self._at(name, index, "creates" if created else "reads")

    def _is_query(self, index: int) -> bool:
        calls = (c for p in self._file.parents.get(index, ()) if type(c := self._values[p]) is Call and index in c.args)
        return any(type(f := self._values[c.func]) is Attr and f.name in _QUERIES and self._is_frame(f.base) for c in calls)

    # where ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _places(self) -> dict[int, list[tuple[Span, int]]]:
        """Where each value stands in the text: (span, scope)."""
        facts = self._file.module.facts
        found: dict[int, list[tuple[Span, int]]] = defaultdict(list)
        for one in (*facts.sites, *facts.uses):
            found[one.value].append((one.span, one.scope))
        called = frozenset(site.value for site in facts.sites)  # what holds the result of a call does not name the column
        for guard in facts.guards:
            found[guard.test].append((guard.span, guard.scope))
        for number, scope in enumerate(facts.scopes):
            for bindings in scope.bindings.values():
                for binding in bindings:
                    if binding.value not in called:
                        found[binding.value].append((binding.span, number))
        for write in facts.writes:
            if write.value not in called:
                found[write.value].append((write.span, write.scope))
        return found

    def _at(self, name: str, index: int, role: str) -> Iterator[Found]:
        for span, scope in self._where(index, 0, frozenset()):
            yield Found(name, span, scope, role)

    def _where(self, index: int, depth: int, seen: frozenset[int]) -> list[tuple[Span, int]]:
        """The text of a value: its own, that of the chain it begins, or that of the expression around it."""
        if depth > _CLIMB or index in seen:
            return []
        seen = seen | {index}
        parents = self._file.parents.get(index, ())
        found = list(self._places.get(index, ()))
        for parent in parents if type(self._values[index]) in (Attr, Item) else ():
            value = self._values[parent]
            if type(value) in (Attr, Item) and value.base == index:  # type: ignore[union-attr]
                found += self._places.get(parent, ())
        if found:
            return found
        for parent in parents:
            value = self._values[parent]
            if type(value) not in (Phi, Store):
                found += self._where(parent, depth + 1, seen)
        if not found and index in self._file.returned:
            found = [(s.span, n) for n, s in enumerate(self._file.module.facts.scopes) if index in s.returns]
        return found
