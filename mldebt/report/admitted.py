"""The list of `mldebt scan --debt-comments`, as text or JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from rich.text import Text

from mldebt.ranking import COMMENT, NEAR
from mldebt.report.layout import paint
from mldebt.report.options import Options
from mldebt.report.terminal import encodable, safe
from mldebt.report.words import count

if TYPE_CHECKING:
    from mldebt.admitted import Admitted

FORMATS = ("text", "json")


def render(comments: Sequence[Admitted], format: str, options: Options) -> str:
    """The comments in one of FORMATS; `options.top` keeps the first."""
    shown = comments[: options.top] if options.top else comments
    if format == "json":
        entries = [msgspec.structs.replace(one, path=encodable(one.path), text=encodable(one.text)) for one in shown]
        table = {"version": 1, "comments": [_entry(one) for one in entries], "total": len(comments)}
        return msgspec.json.format(msgspec.json.encode(table), indent=2).decode() + "\n"
    return paint(_lines(shown, comments), options)


def _entry(one: Admitted) -> dict[str, object]:
    entry: dict[str, object] = msgspec.to_builtins(one)
    return {key: value for key, value in entry.items() if key not in ("cell", "cell_line") or value is not None}


def _lines(shown: Sequence[Admitted], comments: Sequence[Admitted]) -> Iterator[Text]:
    if not comments:
        yield Text("No comment of debt (TODO, FIXME, for now, must match ...) in the files that were read.")
        return
    words = ", ".join(f"{word} {number}" for word, number in sorted(Counter(one.word for one in comments).items(), key=_often)[:8])
    files = len({one.path for one in comments})
    yield Text(f"{count(len(comments), 'comment')} of debt in {count(files, 'file')}: {words}", "bold")
    beside = sum(1 for one in comments if one.rank)
    if beside:
        raised = f"which raises its interest by {COMMENT - 1:.0%}"
        yield Text(f"{beside:,} of them within {NEAR} lines of a finding (#: its place in the ranked list), {raised}.")
    else:
        yield Text(f"None stands within {NEAR} lines of a finding.")
    yield Text("")
    for one in shown:
        rank = f"#{one.rank} {one.rule}" if one.rank else ""
        place = f"{one.path}:{one.line}" + (f" (cell {one.cell}, line {one.cell_line})" if one.cell else "")
        yield Text(f"{safe(place)}  {one.exposure}" + (f"  {rank}" if rank else ""), "cyan")
        yield Text(f"    {safe(one.text)}")
    if len(shown) < len(comments):
        yield Text(f"... and {len(comments) - len(shown):,} more (--top {len(shown)})", "dim")


def _often(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]
