"""The cost of stored content: steps in proportion to its length, whatever its shape; counted, not timed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from flask_cookieconsent.catalogue import facebook, x, youtube
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.embeds.html import parse
from flask_cookieconsent.embeds.judge import Rules
from flask_cookieconsent.embeds.lookup import EmbedIndex
from flask_cookieconsent.embeds.stored import take_apart
from flask_cookieconsent.errors import UnstableContentError
from tests.embeds.test_lookup import counted

VIDEO = '<iframe src="https://www.youtube.com/embed/aqz-KE-bpKQ"></iframe>'
EVIL = '<iframe src="https://evil.example/{}"></iframe>'
RULES = Rules(EmbedIndex(build([youtube(), x(), facebook()]).services), {"localhost"}, True, "/cookies")

SHAPES: dict[str, Callable[[int], str]] = {
    "siblings": lambda n: VIDEO * n,
    "siblings in a paragraph": lambda n: "<p>" + f"{VIDEO} " * n,
    "siblings in a table": lambda n: "<table>" + VIDEO * n,
    "nested elements": lambda n: "<div>" * n + VIDEO,
    "many in nested elements": lambda n: "<div>" * n + VIDEO * n,
    "each one deeper": lambda n: "<p>" + f"<span>{VIDEO}" * n,
    "nested quotations": lambda n: '<blockquote class="twitter-tweet"><a href="https://evil.example">a</a>' * n,
    "nested links": lambda n: '<blockquote class="twitter-tweet"><svg>' + '<a href="https://evil.example">a' * n,
    "quotations in links": lambda n: '<blockquote class="twitter-tweet"><object><a href="/">a' * n,
    "nested plug-ins": lambda n: '<object><param name="movie" value="/a">' * n,
    "undeclared plug-ins": lambda n: '<object data="https://evil.example">' * n,
    "one noscript": lambda n: "<noscript>" + "".join(map(EVIL.format, range(n))) + "</noscript>",
    "many noscripts": lambda n: "".join(f"<noscript>{EVIL.format(i)}</noscript>" for i in range(n)),
    "repeated noscripts": lambda n: VIDEO + f"<noscript>{VIDEO}</noscript>" * n,
    "nested selects": lambda n: "<select><template>" * n,
    "scripts in a box": lambda n: '<div style="padding:5%">' + '<script src="//evil.example"></script>' * n + VIDEO * n,
    "links of nested quotations": lambda n: (
        '<blockquote class="twitter-tweet">' * n + '<a href="https://evil.example">a</a>' * n
    ),
    "siblings in a long style": lambda n: f'<div style="padding:5%;{"x" * 40 * n}">' + VIDEO * n,
    "pictures": lambda n: '<img src="https://evil.example/a" srcset="//www.youtube.com/a 1x">' * n,
    "pictures in nested elements": lambda n: '<div style="background:url(//evil.example)">' * n + '<img src="//a">' * n,
    "pictures in a long set": lambda n: f'<img srcset="{"//www.youtube.com/a 1x, " * 4 * n}">',
    "a long style": lambda n: f'<p style="{"background: url(//evil.example/a);" * 4 * n}">',
    "a style with escapes": lambda n: f'<p style="{chr(92) * 80 * n}{chr(92) + "2f " * 20 * n}">',
    "pictures in nested links": lambda n: "<svg>" + '<a href="//a"><image href="//evil.example"></image>' * n,
    "addresses": lambda n: "<p>" + "https://evil.example/a " * 4 * n,
    "addresses in nested elements": lambda n: "<p>" + "<span>https://youtu.be/aqz-KE-bpKQ " * n,
    "addresses in nested blocks": lambda n: "<div>https://youtu.be/aqz-KE-bpKQ " * n,
    "addresses in nested items": lambda n: "<ul><li>https://youtu.be/aqz-KE-bpKQ " * n,
    "codes": lambda n: '<lite-youtube videoid="aqz-KE-bpKQ"></lite-youtube>' * n,
    "nested codes": lambda n: '<div class="bookmark" data-oembed-url="//a"><script type="text/template">' * n,
    "nested code of tools": lambda n: '<div class="BorlabsCookie"><script type="text/template">YQ==</script>' * n,
    "nested cards": lambda n: "<svg>" + '<a class="bookmark source" href="https://youtu.be/aqz-KE-bpKQ"><div>' * n,
    "a code in many words": lambda n: f'<div class="{" ".join(f"a{number}" for number in range(4 * n))}" {"b " * n}>',
    "HTML in an attribute": lambda n: f'<div data-html="{"src=a href=&quot; " * 4 * n}">',
    "shortcodes": lambda n: "<p>" + "[embed]//youtu.be/a " * 4 * n,
    "a query": lambda n: f'<iframe src="/embed?{"&amp;url=//a" * 8 * n}"></iframe>',
    "scripts": lambda n: "<script>hbspt.forms.create({portalId: '1', formId:</script>" * n,
    "links": lambda n: '<p><a href="https://evil.example/a">https://evil.example/a</a></p>' * n,
}


#: A few letters of each, and any parser looks through all that is open, or opens it again, at every tag.
LOOSE: dict[str, Callable[[int], str]] = {
    "formatting in blocks": lambda n: "".join(f"<b id={number}><p>" for number in range(n)),
    "formatting in cells": lambda n: "<table>" + "".join(f"<b id={number}><tr>" for number in range(n)),
    "ends that fit nothing": lambda n: "<b>" * n + "</table>" * n,
    "rows without a table": lambda n: "<div>" * n + "<tr>" * n,
    "ends in comments": lambda n: "".join(f"<b id={number}><p><!-- </p></b> -->" for number in range(n)),
    "ends in attributes": lambda n: "".join(f'<b id={number}><p title="</p></b>">' for number in range(n)),
    "drawings that ended": lambda n: "<svg><p></p><path/>" * n + "<tr>" * n,
    "formatting in a noscript": lambda n: "<noscript>" + "".join(f"<b id={number}><p>" for number in range(n)),
}


COUNTED = ("flask_cookieconsent", "justhtml")


def steps(work: Callable[[], Any]) -> int:
    """Return how many bytecodes of this package and its parser some work executes."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if event == "call" and not any(name in frame.f_code.co_filename for name in COUNTED):
            return None
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def growth(work: Callable[[int], Any]) -> float:
    """Return by how much the steps grow when the size doubles, the fixed costs apart: 2 is linear, 4 is quadratic."""
    small, middle, large = (steps(lambda size=size: work(size)) for size in (20, 40, 80))  # type: ignore[misc]
    return (large - middle) / (middle - small)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_cost_is_linear(shape: Callable[[int], str]) -> None:
    """Content twice as long takes twice the steps, so that nobody can stop a site with an article."""
    take_apart(shape(1), RULES)  # what any later reading finds made

    assert growth(lambda size: take_apart(shape(size), RULES)) < 2.2


@pytest.mark.parametrize("shape", LOOSE.values(), ids=LOOSE.keys())
def test_cost_is_bounded(shape: Callable[[int], str]) -> None:
    """What no parser reads in proportion to its length is not parsed, and said to be wrong."""

    def work(size: int) -> None:
        with pytest.raises(UnstableContentError, match="leaves many elements open"):
            take_apart(shape(20 * size), RULES)

    assert growth(work) < 2.2


@pytest.mark.parametrize("shape", LOOSE.values(), ids=LOOSE.keys())
def test_cost_is_bounded_twin(shape: Callable[[int], str]) -> None:
    """The parser alone takes more than twice the steps for twice the content."""
    assert growth(lambda size: parse(shape(size), scripts=False)) > 2.5


def test_cost_is_linear_twin() -> None:
    """A loop within a loop is seen."""

    def work(size: int) -> None:
        for _ in range(size):
            for _ in range(size):
                RULES.embeds.is_vendor("a")

    assert growth(work) > 3


def test_address_is_parsed_once() -> None:
    """However often content names an address, and however often it is read until nothing changes."""
    texts: list[str] = []
    rules = Rules(EmbedIndex({"youtube": counted(youtube(), texts)}), {"localhost"}, True, "/cookies")
    html = VIDEO * 2 + f"<noscript>{VIDEO}</noscript>" + '<p><a href="https://a.example">https://a.example</a></p>' * 2

    assert len(take_apart(html, rules)) == 3
    assert texts == ["https://www.youtube.com/embed/aqz-KE-bpKQ", "https://a.example"]
