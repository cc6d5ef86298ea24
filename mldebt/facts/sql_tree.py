"""A parsed statement: what it reads and writes, its columns, whether it is bounded in time. Imported only when there is SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlglot import exp

from mldebt.facts.model import Statement
from mldebt.facts.sql_text import SELF, is_hole, restored

_FORMATS = frozenset({"parquet", "delta", "csv", "json", "orc", "avro", "text", "iceberg", "binaryfile"})
_READERS = frozenset(
    {
        "read_parquet",
        "parquet_scan",
        "read_csv",
        "readcsv",
        "read_csv_auto",
        "read_json",
        "read_json_auto",
        "read_ndjson",
        "read_ndjson_auto",
    }
    | {"read_text", "read_blob", "delta_scan", "iceberg_scan", "st_read", "read_files", "s3", "gcs", "file", "url", "openrowset"}
)
_FILE = re.compile(r"\.(?:csv|tsv|txt|parquet|pq|json|jsonl|ndjson|orc|avro|feather|arrow|xlsx)(?:\.\w+)?$", re.IGNORECASE)
_LOCATIONS = frozenset({"path", "uri", "uris", "url", "location", "external_location"})
_STREAMS = frozenset({"stdin", "stdout", "program"})
_TIME = re.compile(
    r"_?partition(?:_?(?:time|date|id))?|_table_suffix|_file_name|dt|ds|created|updated|modified"
    r"|(?:\w*_)?(?:date|datetime|time|timestamp|ts|dt|day|week|month|quarter|year|hour|at)(?:_(?:utc|id|key|ms|us|str|local|nodash|epoch|ts))?",
    re.IGNORECASE,
)
_COMPARISONS = (exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Like)
_KINDS = (
    (exp.Insert, "insert"), (exp.Update, "update"), (exp.Delete, "delete"), (exp.Merge, "merge"), (exp.TruncateTable, "truncate"),
    (exp.Copy, "copy"), (exp.LoadData, "load"), (exp.Export, "export"), (exp.Cache, "cache"), (exp.Put, "put"), (exp.Get, "put"),
    (exp.Query, "select"),
)  # fmt: skip
_RELATIONS = frozenset({"TABLE", "VIEW"})


class Tree:
    """One statement's tree, read once."""

    def __init__(self, tree: exp.Expr, marks: Sequence[str], line: int, before: int = 0, asked: frozenset[str] = frozenset()) -> None:
        self._tree, self._marks, self._line, self._before, self._asked = tree, marks, line, before, asked
        self._targets: set[int] = set()  # nodes that are not read
        self._reads: list[tuple[str, int]] = []
        self._writes: list[tuple[str, int]] = []
        self._models: list[tuple[str, int]] = []
        self.temporary = False  # what it writes is gone after the script
        self.dropped: list[str] = []  # tables that it empties or removes

    def statement(self) -> Statement:
        tree = self._tree
        kind, mode = next((name for type_, name in _KINDS if isinstance(tree, type_)), "other"), ""
        if isinstance(tree, exp.Create):
            kind, mode = self._created(tree)
        elif isinstance(tree, exp.Insert):
            mode = "overwrite" if tree.args.get("overwrite") else "append"
            self._write(tree.this)
        elif isinstance(tree, exp.Delete):
            self._write(tree.this)
            if tree.args.get("where") is None:
                self.dropped += self._names(tree.this)
        elif isinstance(tree, (exp.Update, exp.Merge)):
            self._write(tree.this)
        elif isinstance(tree, exp.TruncateTable):
            mode = "overwrite"
            for table in tree.expressions:
                self._write(table)
                self.dropped += self._names(table)
        elif isinstance(tree, exp.Drop):
            kind = "drop"
            for table in tree.args.get("tables") or [tree.this]:
                self.dropped += self._names(table)
            self._targets.update(id(node) for node in tree.walk())
        elif isinstance(tree, exp.Alter):
            kind = self._altered(tree)
        elif isinstance(tree, exp.Cache):
            self.temporary = True
            self._write(tree.this)
        elif isinstance(tree, (exp.Copy, exp.LoadData, exp.Export, exp.Put, exp.Get)):
            self._moved(tree)
        elif isinstance(tree, exp.Query):
            mode = self._selected_into(tree)
        elif tree.find(exp.Query) is None:  # GRANT, DESCRIBE, USE ...
            self._targets.update(id(node) for node in tree.walk())
        self._tables()
        columns, star = self._columns()
        models = [(self._name(i.name).removeprefix("model:"), i) for i in tree.find_all(exp.Identifier) if self._model(i)]
        return Statement(
            kind,
            tuple(dict.fromkeys(self._reads)),
            tuple(dict.fromkeys(self._writes)),
            tuple(dict.fromkeys((name, self._at(i)) for name, i in models)),
            tuple(self._models),
            columns,
            star,
            self._bounded(),
            mode,
            self._line,
            asked=tuple(dict.fromkeys(name for name, i in models if i.name in self._asked)),
            learner=self._option("model_type").lower() if kind == "model" else "",
            without=self._left_out() if star else (),
            functions=tuple(filter(None, [self._option("function")])) if kind == "model" else self._functions(),
        )

    # statements ------------------------------------------------------------------------------------------------------

    def _created(self, tree: exp.Create) -> tuple[str, str]:
        kind = str(tree.args.get("kind") or "").upper()
        query = isinstance(tree.expression, exp.Query)
        mode = "overwrite" if tree.args.get("replace") else "create"
        if kind == "MODEL":
            target = tree.this
            self._targets.update(id(node) for part in (target, tree.args.get("properties")) if part is not None for node in part.walk())
            self._models += [(name, self._at(target)) for name in self._names(target)]
            return "model", mode
        if kind not in _RELATIONS:
            self._targets.update(id(node) for node in tree.walk())
            return "other", ""
        properties = tree.args.get("properties")
        self.temporary = properties is not None and properties.find(exp.TemporaryProperty) is not None
        self._write(tree.this)
        if properties is not None:
            self._targets.update(id(node) for node in properties.walk())  # LIKE takes only the shape
            for path, node in self._locations(properties):
                (self._writes if query else self._reads).append((path, self._at(node)))
        return ("create-as" if query or tree.args.get("clone") else "create"), mode

    def _altered(self, tree: exp.Alter) -> str:
        """A renamed table is read under its old name and written under its new one."""
        renamed = [action.this for action in tree.args.get("actions") or () if isinstance(action, exp.AlterRename)]
        if not renamed:
            self._targets.update(id(node) for node in tree.walk())
        for target in renamed:
            self._write(target)
        return "rename" if renamed else "other"

    def _moved(self, tree: exp.Expr) -> None:
        """From files to a table or back."""
        if isinstance(tree, exp.Copy):
            into = bool(tree.args.get("kind"))
            self._end(tree.this, write=into)
            for file in tree.args.get("files") or ():
                self._end(file, write=not into)
        elif isinstance(tree, exp.LoadData):
            self._write(tree.this)
            self._end(tree.args.get("inpath"), write=False)
            files = tree.args.get("files")
            if isinstance(files, exp.Expr):
                self._reads += [(path, self._at(node)) for path, node in self._locations(files)]
        elif isinstance(tree, exp.Export):
            options = tree.args.get("options")
            if isinstance(options, exp.Expr):
                self._writes += [(path, self._at(node)) for path, node in self._locations(options)]
        else:
            self._end(tree.this, write=False)
            self._end(tree.args.get("target"), write=True)

    def _end(self, node: exp.Expr | None, *, write: bool) -> None:
        """One end of a copy: a path, a stage, a table or a query."""
        if node is None or isinstance(node, exp.Query):
            return
        inner = node.this if isinstance(node, exp.Table) and isinstance(node.this, (exp.Literal, exp.Var)) else node
        self._targets.add(id(node))
        target = self._writes if write else self._reads
        if isinstance(inner, (exp.Literal, exp.Var)) and inner.name.lower() not in _STREAMS:
            target.append((_place(self._name(inner.name)), self._at(node)))
        elif isinstance(inner, (exp.Table, exp.Schema)):
            target += [(name, self._at(inner)) for name in self._names(inner) if name.lower() not in _STREAMS]
            self._targets.update(id(each) for each in inner.walk())

    def _selected_into(self, tree: exp.Query) -> str:
        into = tree.args.get("into")
        if not isinstance(into, exp.Into):
            return ""
        self.temporary = bool(into.args.get("temporary"))
        self._write(into.this)
        return "create"

    # tables ----------------------------------------------------------------------------------------------------------

    def _write(self, target: object) -> None:
        if isinstance(target, exp.Directory):
            self._writes.append((_place(self._name(target.this.name)), self._line))
        elif isinstance(target, exp.Expr):
            self._targets.update(id(node) for node in target.walk())
            self._writes += [(name, self._at(target)) for name in self._names(target)]

    def _names(self, node: object) -> list[str]:
        """The name of a table, or of the table of a schema; nothing for what is not one, or is the model itself."""
        table = node.this if isinstance(node, exp.Schema) else node
        if not isinstance(table, exp.Table) or not isinstance(table.this, (exp.Identifier, exp.Dot, exp.Var, exp.Literal)):
            return []
        parts = [self._name(part.name) for part in table.parts if part.name]
        name = ".".join(parts)
        if name == SELF or not name:
            return []
        if isinstance(table.this, exp.Identifier) and table.this.args.get("temporary"):
            self.temporary = True
        last = parts[-1]
        if isinstance(table.this, (exp.Var, exp.Literal)) or last.startswith("@"):
            return [_place(name)]
        if len(parts) == 2 and parts[0].lower() in _FORMATS and "/" in last:
            return [f"path:{last}"]
        quoted = isinstance(table.this, exp.Identifier) and table.this.quoted
        return [f"path:{name}"] if quoted and ("/" in name or _FILE.search(name)) else [name]

    def _tables(self) -> None:
        for table in sorted(self._tree.find_all(exp.Table), key=_start):
            if id(table) in self._targets:
                continue
            function = table.this
            if isinstance(function, exp.Func):
                called = function.name if isinstance(function, exp.Anonymous) else function.sql_name()
                if called.lower() in _READERS:
                    texts = (self._name(literal.name) for literal in function.find_all(exp.Literal) if literal.is_string)
                    self._reads += [(f"path:{text}", self._at(table)) for text in texts if "/" in text or _FILE.search(text)]
                continue
            if len(table.parts) == 1 and _is_cte(table):
                continue
            self._reads += [(name, self._at(table)) for name in self._names(table) if not name.startswith("model:")]

    def _locations(self, properties: exp.Expr) -> Iterator[tuple[str, exp.Expr]]:
        for each in properties.find_all(exp.LocationProperty, exp.Property):
            if isinstance(each, exp.LocationProperty) or each.name.lower() in _LOCATIONS:
                value = each.this if isinstance(each, exp.LocationProperty) else each.args.get("value")
                for literal in value.find_all(exp.Literal) if isinstance(value, exp.Expr) else ():
                    yield _place(self._name(literal.name)), each

    def _option(self, wanted: str) -> str:
        """The text that an option of a new model has."""
        found = (p for p in self._tree.find_all(exp.Property) if p.name.lower() == wanted)
        return next((self._name(v.name) for p in found if isinstance(v := p.args.get("value"), exp.Literal)), "")

    def _left_out(self) -> tuple[str, ...]:
        """The columns that a star leaves out."""
        named = (each for star in self._tree.find_all(exp.Star) for each in star.args.get("except_") or ())
        return tuple(dict.fromkeys(self._name(each.name) for each in named if isinstance(each, exp.Expr)))

    def _functions(self) -> tuple[str, ...]:
        """The functions called that no parser knows, as written, in lower case."""
        found: set[str] = set()
        for function in self._tree.find_all(exp.Anonymous):
            parts, outer = [function.name], function.parent
            while isinstance(outer, exp.Dot) and outer.expression is function:
                parts.insert(0, ".".join(part.name for part in outer.this.find_all(exp.Identifier)))
                break
            found.add(".".join(parts).lower())
        return tuple(sorted(name for name in found if "__" not in name and name != "table" and not name.startswith("ml.")))

    def _model(self, identifier: exp.Identifier) -> bool:
        return "__mark_" in identifier.name and self._name(identifier.name).startswith("model:")

    def _name(self, name: str) -> str:
        return restored(name, self._marks)

    def _at(self, node: exp.Expr) -> int:
        """The line of the first identifier; strings do not know theirs."""
        found = node.find(exp.Identifier)
        line = found.meta.get("line") if found is not None else None
        return line + self._before if isinstance(line, int) else self._line

    # columns and bounds ----------------------------------------------------------------------------------------------

    def _columns(self) -> tuple[tuple[str, ...], bool]:
        """Output names of the outermost select list, and whether it has a star; a lone star of a CTE is looked through.

        Of an update those that it sets; of a model also those that its features are made of."""
        if isinstance(self._tree, exp.Update):
            return tuple(dict.fromkeys(self._name(e.this.name) for e in self._tree.expressions if isinstance(e, exp.EQ))), False
        query = self._tree if isinstance(self._tree, exp.Query) else self._tree.args.get("expression")
        if isinstance(self._tree, (exp.Export, exp.Cache)):
            query = self._tree.find(exp.Select)
        for _ in range(10):
            while isinstance(query, (exp.Subquery, exp.SetOperation)):
                query = query.this
            if not isinstance(query, exp.Select):
                return (), False
            if not query.is_star:
                break
            followed = _followed(query)
            if followed is None:
                return (), True
            query = followed
        if not isinstance(query, exp.Select) or query.is_star:
            return (), True
        names = [select.output_name for select in query.selects if not isinstance(select, (exp.Literal, exp.Parameter))]
        if str(self._tree.args.get("kind")).upper() == "MODEL":
            names += [column.name for select in query.selects for column in select.find_all(exp.Column)]
        if any(is_hole(name) for name in names):
            return (), False
        return tuple(dict.fromkeys(self._name(name) for name in names if name)), False

    def _bounded(self) -> bool:
        """Whether a filter names a time or partition, or a read asks for a past state."""
        if any(table.args.get("version") or table.args.get("when") for table in self._tree.find_all(exp.Table)):
            return True
        return any(
            _TIME.fullmatch(column.name) and not _compares_columns(comparison)
            for where in self._tree.find_all(exp.Where)
            for comparison in where.find_all(*_COMPARISONS)
            for column in comparison.find_all(exp.Column)
        )


def _start(node: exp.Expr) -> int:
    """Where in the text the first identifier stands."""
    found = node.find(exp.Identifier)
    start = found.meta.get("start") if found is not None else None
    return start if isinstance(start, int) else -1


def _place(name: str) -> str:
    """`stage:name/path` or `path:...`."""
    return f"stage:{name[1:]}" if name.startswith("@") else f"path:{name}"


def _is_cte(table: exp.Table) -> bool:
    """Whether the name is that of a common table expression visible there."""
    name = table.name.lower()
    node: exp.Expr | None = table
    inside: list[exp.Expr] = []
    while node is not None:
        clause = node.args.get("with_")
        if isinstance(clause, exp.With):
            for cte in clause.expressions:
                if any(cte is each for each in inside) and not clause.recursive:
                    break  # it sees only those before it
                if cte.alias.lower() == name:
                    return True
        inside.append(node)
        node = node.parent
    return False


def _followed(select: exp.Select) -> exp.Expr | None:
    """The query of the only thing that `SELECT *` takes from, where the statement has it."""
    source = select.args.get("from_")
    if len(select.expressions) != 1 or select.args.get("joins") or not isinstance(select.expressions[0], exp.Star) or source is None:
        return None
    if isinstance(source.this, exp.Subquery):
        return source.this
    if not isinstance(source.this, exp.Table) or not _is_cte(source.this):
        return None
    node: exp.Expr | None = select
    while node is not None:
        clause = node.args.get("with_")
        for cte in clause.expressions if isinstance(clause, exp.With) else ():
            if cte.alias.lower() == source.this.name.lower() and isinstance(cte.this, exp.Expr):
                return cte.this
        node = node.parent
    return None


def _compares_columns(comparison: exp.Expr) -> bool:
    """Whether it only relates two columns, as a join does."""
    left, right = comparison.this, comparison.args.get("expression")
    return isinstance(left, exp.Column) and isinstance(right, exp.Column) and not (is_hole(left.name) or is_hole(right.name))
