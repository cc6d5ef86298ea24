"""Python text -> Facts."""

from __future__ import annotations

import ast
import hashlib
import re
import sys
import threading
import zlib
from collections.abc import Iterator

import msgspec

from mldebt.bounds import raise_in
from mldebt.facts import comments
from mldebt.facts.frames import Frame
from mldebt.facts.lowering import Lowering
from mldebt.facts.model import Call, Command, Const, Facts, Scope, Seq
from mldebt.facts.outline import outline
from mldebt.facts.parse import DEEP, Unparsable, has_long_statement, parse, syntax_tree
from mldebt.facts.spans import Spans
from mldebt.sources.model import Text

_IPYTHON = "IPython commands left out"
_DEEP_STACK = 512 * 1024 * 1024  # bytes of address space, touched only as far as the nesting goes


def python_facts(text: Text, language: str) -> Facts:
    """What a Python text says; `unread` is set where it cannot be parsed. A notebook loses only the cells that are not Python."""
    facts, partly, commands = _read(text.text), "", text.commands
    if facts.unread and text.places:
        facts, partly = _cells(text)
    elif facts.unread and not facts.unread.endswith(DEEP):
        for source, note, found in _older(text.text):
            again = _read(source)
            if not again.unread:
                facts, partly, commands = again, note, (*commands, *found)
                if note.startswith(_IPYTHON):  # it runs in a session, which has names of its own
                    facts = msgspec.structs.replace(facts, undefined=(), open_names=True)
                break
    return msgspec.structs.replace(
        facts, language=language, lines=text.lines, partly="" if facts.unread else partly, places=text.places, commands=commands
    )


def _cells(text: Text) -> tuple[Facts, str]:
    """A notebook without the cells that are not Python."""
    from mldebt.facts import python2
    from mldebt.sources.notebook import without_broken_cells

    whole, broken, mended = without_broken_cells(text, python2.modern)
    notes = [python2.NOTE] if mended else []
    if broken:
        cells = f"{'cell' if len(broken) == 1 else 'cells'} {', '.join(map(str, broken))}"
        notes = [f"{cells} not valid Python; the other cells were read", *notes]
    some = len(broken) < len({place.cell for place in text.places})
    return _read(whole.text if some else text.text), "; ".join(notes)


def _older(source: str) -> Iterator[tuple[str, str, tuple[Command, ...]]]:
    """Other readings of a text that does not parse, the likeliest first: the text, what to say of it, the commands in it."""
    from mldebt.facts import python2

    modern = python2.modern(source)
    if modern != source:
        yield modern, python2.NOTE, ()
    if "\t" in source:
        yield python2.evenly_indented(modern), python2.NOTE, ()
    if re.search(r"(?m)^\s*[%!]", source):
        from mldebt.sources.magics import mask

        masked = mask(source.split("\n"))
        plain = "\n".join(masked.lines)
        yield plain, _IPYTHON, masked.commands
        yield python2.modern(plain), f"{_IPYTHON}; {python2.NOTE}", masked.commands


def _read(source: str) -> Facts:
    try:
        tree = syntax_tree(source)
        risky = has_long_statement(tree) if isinstance(tree, ast.Module) else _brackets_deep(source)
        return _deep(source, tree) if risky else _facts(source, tree)
    except Unparsable as why:
        return Facts("python", unread=str(why), words=_words(source))
    except RecursionError:
        return Facts("python", unread=DEEP, words=_words(source))


def _facts(source: str, tree: ast.Module | int) -> Facts:
    trees = parse(source, tree)
    lines = source.split("\n")
    walk = Lowering(trees.module, trees.tree, Spans(source, trees), lines)
    has_comment = "#" in source
    inside = walk.string_lines
    return Facts(
        language="python",
        values=tuple(walk.values.items),
        scopes=tuple(_scope(frame, lines) for frame in walk.frames),
        blocks=tuple(walk.blocks),
        guards=tuple(walk.guards),
        sites=tuple(walk.sites),
        uses=tuple(walk.uses),
        compares=tuple(walk.compares),
        writes=tuple(walk.writes),
        imports=tuple(walk.imports),
        dead=tuple(walk.dead),
        raises=tuple(walk.raises),
        handlers=tuple(walk.handlers),
        undefined=() if walk.star_import else tuple(u for u in walk.undefined if u.name not in walk.frames[0].bindings),
        commented=tuple(comments.commented_code(lines, inside)) if has_comment else (),
        debt_comments=tuple(comments.debt_comments(lines, inside)) if has_comment else (),
        suppressions=tuple(comments.suppressions(lines, inside, walk.statements)) if "mldebt" in source else (),
        consumes=tuple(comments.consumes(lines, inside)) if "mldebt" in source else (),
        exports=_exports(walk),
        open_names=walk.star_import,
        shingles=tuple(zlib.crc32(s.encode("utf8", "replace")) for line in lines if len(s := line.strip()) > 3 and s[0] != "#"),
        outline=outline(lines, inside),
    )


def _scope(frame: Frame, lines: list[str]) -> Scope:
    digest = ""
    if frame.kind == "function":
        body = "\n".join(line.strip() for line in lines[frame.span.line : frame.span.end_line] if line.strip())
        digest = hashlib.blake2b(body.encode("utf8", "replace"), digest_size=8).hexdigest()
    unread: tuple[str, ...] = ()
    if frame.kind == "function" and not frame.reads_all:
        unread = tuple(sorted(n for n in frame.bindings if n not in frame.loads and n not in frame.outer_names))
    return Scope(
        frame.kind,
        frame.name,
        frame.qualname,
        -1 if frame.parent is None else frame.parent.index,
        frame.block,
        frame.span,
        frame.parameters,
        frame.decorators,
        frame.bases,
        {n: tuple(b) for n, b in sorted(frame.bindings.items())},
        tuple(frame.returns),
        tuple(sorted(frame.names)),
        tuple(sorted(frame.strings)),
        tuple(sorted(frame.qualified)),
        tuple(sorted(frame.dotted)),
        unread,
        frame.stub,
        frame.generator,
        digest,
    )


def _exports(walk: Lowering) -> tuple[str, ...] | None:
    found = walk.frames[0].bindings.get("__all__")
    if not found:
        return None
    names: list[str] = []
    for binding in found:
        value = walk.values.items[binding.value]
        if isinstance(value, Seq):
            items = [walk.values.items[i] for i in value.items]
            names.extend(i.value for i in items if isinstance(i, Const) and isinstance(i.value, str))
        elif isinstance(value, Call):
            return None
    return tuple(names)


def _deep(source: str, tree: ast.Module | int) -> Facts:
    """`_facts` on a thread with a deep stack: the native parser would overflow the ordinary one and kill the process."""
    outcome: list[Facts | BaseException] = []

    def work() -> None:
        try:
            outcome.append(_facts(source, tree))
        except BaseException as error:
            outcome.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(_DEEP_STACK)
    sys.setrecursionlimit(max(limit, 50_000))
    try:
        thread = threading.Thread(target=work, daemon=True)
        try:
            thread.start()
            thread.join()
        except BaseException:  # out of time, or interrupted: nobody wants the answer
            if thread.ident is not None:
                raise_in(thread.ident, SystemExit)
            raise
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    result = outcome[0]
    if isinstance(result, BaseException):
        raise result
    return result


def _brackets_deep(source: str) -> bool:
    depth = deepest = 0
    for char in re.findall(r"[()\[\]{}]", source):
        depth += 1 if char in "([{" else -1
        deepest = max(deepest, depth)
    if deepest > 180:
        raise Unparsable(DEEP)
    return deepest > 60


def _words(source: str) -> tuple[str, ...]:
    """Identifiers of a file that cannot be parsed: it may still use what other files define."""
    return tuple(sorted(set(re.findall(r"[A-Za-z_]\w{2,}", source)))[:20_000])
