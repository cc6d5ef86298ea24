from __future__ import annotations

from html.parser import HTMLParser

from msgspec.structs import replace

from mldebt.data_pass.report import render
from mldebt.report.terminal import safe

from .sample import CREDIT, NO_MODEL, NOTHING, PLAIN, STRUCTURE, hostile

VOID = {"meta", "br", "line", "circle"}


class Page(HTMLParser):
    """The tags, attributes and text of a page; fails when tags do not close."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_the_page_has_the_answer_and_every_column():
    page = Page(render([CREDIT], "html", PLAIN))
    assert "4 of 8 columns may go together: roc_auc 0.8612 -> 0.8620" in page.text
    assert all(one.name in page.text for one in CREDIT.columns)
    assert "features.py:12 creates" in page.text and "1 of 2 earns its place" in page.text
    assert "approved_at gives the target away" in page.text and "customer_id" in page.text
    assert page.tags.count("svg") == 6


def test_the_page_needs_nothing_else():
    html = render([CREDIT, NOTHING, NO_MODEL, STRUCTURE], "html", PLAIN)
    page = Page(html)
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    assert not {"src", "href"} & {name for name, _ in page.attributes}
    assert "http" not in html and "url(" not in html
    assert page.tags.count("section") == 4


def test_hostile_names_are_harmless():
    html = render([hostile()], "html", PLAIN)
    page = Page(html)
    assert not {"script", "img", "b"} & set(page.tags)
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert "<script>alert(1)</script>" in page.text and "{{ 7 * 7 }}" in page.text
    assert all(safe(line) == line for line in html.splitlines())
    html.encode("utf-8")


def test_intervals_are_drawn_only_where_there_are_some():
    bare = replace(CREDIT, columns=tuple(replace(one, delta_alone=None, gain_alone=None) for one in CREDIT.columns))
    assert "svg" not in Page(render([bare], "html", PLAIN)).tags
