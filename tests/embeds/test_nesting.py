"""The bound on what HTML costs: never below what a parser builds, and small for what people write."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_cookieconsent.embeds.html import parse
from flask_cookieconsent.embeds.nesting import nesting
from tests.embeds.test_cost import growth

# Whatever opens, closes, hides or moves other elements, or makes a parser read tags as text and text as tags.
PIECES = [
    *("<b>", "</b>", "<b id={}>", "<i id={}>", "</i>", "<a href={}>", "</a>", "<nobr id={}>", "<font color={}>"),
    *("<p>", "</p>", "<div>", "</div>", "<ul>", "</ul>", "<li>", "</li>", "<dd>", "</dd>", "<h1>", "</h1>", "</br>"),
    *("<table>", "</table>", "<caption>", "<colgroup>", "<tbody>", "<tr>", "</tr>", "<td>", "</td>", "<col>"),
    *(
        "<svg>",
        "</svg>",
        "<svg/>",
        "<g>",
        "</g>",
        "<g/>",
        "<path/>",
        "<use/>",
        "<text>",
        "</text>",
        "<desc>",
        "</desc>",
    ),
    *("<foreignObject>", "</foreignObject>", "<title>", "</title>", "<math>", "</math>", "<mi>", "</mi>", "<mi/>"),
    *("<mglyph/>", '<annotation-xml encoding="text/html">', "<br>", "<link>", "<source>", "<image>", "</image>"),
    *("<select>", "</select>", "<option>", "</option>", "<button>", "</button>", "<template>", "</template>"),
    *("<object>", "</object>", "<marquee>", "</marquee>", "<form>", "</form>", "<ruby>", "<rt>", "<x>", "</x>", "<x/>"),
    *("<textarea>", "</textarea>", "<noscript>", "</noscript>", "<iframe>", "</iframe>", "<script>", "</script>"),
    *("<style>", "</style>", "<xmp>", "</xmp>", "<plaintext>", "<frameset>", "<body>", "</body>", "<html>"),
    *(
        "x",
        ">",
        "<",
        "<!--",
        "-->",
        "<!-- x -->",
        "<!",
        "<?x>",
        "</",
        "<![CDATA[",
        "]]>",
        '<p a="',
        '">',
        "'",
        "<p a=>",
    ),
]
REPEATED = 40


def soup(before: list[str], unit: list[str], times: int = REPEATED) -> str:
    return "".join(before) + "".join("".join(unit).replace("{}", str(number)) for number in range(times))


def size(html: str) -> tuple[int, int]:
    """Return the depth of the tree that a parser builds, and the number of its nodes."""
    depth = count = 0
    stack: list[tuple[Any, int]] = [(parse(html), 0)]
    while stack:
        node, level = stack.pop()
        depth, count = max(depth, level), count + 1
        inside = [*(node.children or ()), *filter(None, [getattr(node, "template_content", None)])]
        stack += [(child, level + 1) for child in inside]
    return depth, count


@settings(max_examples=400)
@given(
    st.lists(st.sampled_from(PIECES), max_size=4),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6),
)
def test_tree_is_within_the_bound(before: list[str], unit: list[str]) -> None:
    """However elements are left open or hidden in each other, the tree is no deeper and no larger than was reckoned."""
    html = soup(before, unit)
    depth, count = size(html)
    tags = html.count("<")

    assert count <= 4 * nesting(html) + 8 * tags + 60
    assert depth <= 12 or depth * tags <= 16 * nesting(html) + 40 * tags


def test_tree_is_within_the_bound_twin() -> None:
    """Elements that are closed in a comment alone are open, and whoever believes the comment is far below the tree."""
    html = soup([], ["<b id={}>", "<p>", "<!-- ", "</p>", "</b>", " -->"], times=200)
    credulous = nesting(html.replace("<!-- ", "").replace(" -->", ""))

    assert size(html)[1] > 4 * credulous + 8 * html.count("<") + 60


@pytest.mark.parametrize(
    "html",
    [
        "<p>a <b>b</b> <i>c</i><br>d</p>",
        '<p title="a \'b\'" class=x hidden>a</p><img src="/a.png" alt="">',
        '<svg viewBox="0 0 1 1"><title>A</title><g><path d="M0 0"/><circle r="1" /></g></svg>',
        "<!-- wp:paragraph --><p>a</p><!-- /wp:paragraph --><!DOCTYPE html><?xml:namespace prefix = o />",
        "<p>1 < 2 <= 3</p>",
    ],
)
def test_what_is_closed_counts_no_more(html: str) -> None:
    """Content as editors write it nests by what is really nested, however long it is."""
    assert growth(lambda number: nesting(html * number)) < 2.1
    assert nesting(html * 1000) == 1000 * nesting(html)


@pytest.mark.parametrize("html", ["<p>a", "<p title='a</p>", "<!-- <p></p> -->", "<svg><p><path/></svg>", "<br/a=<>"])
def test_what_is_not_surely_closed_counts_to_the_end(html: str) -> None:
    """The twin: what may stay open makes every tag behind it dearer."""
    assert nesting(html * 1000) > 100_000


UNFINISHED = [
    "<",
    "<a ",
    "<a a=",
    "<a a='",
    '<a a="b" ',
    "<!--",
    "<!-",
    "</",
    "<a/",
    "<a\t\t\t\t",
    "<a b=c/d/e",
    "a-->",
]


@pytest.mark.parametrize("unit", UNFINISHED)
def test_no_unfinished_tag_is_searched_twice(unit: str) -> None:
    """Inside a regular expression nobody counts steps: text five times as long takes far less than 25 times as long."""
    assert is_linear(nesting, unit)


def test_no_unfinished_tag_is_searched_twice_twin() -> None:
    """An expression that runs to the end of the text from each beginning is seen."""
    assert not is_linear(re.compile("<[^>]*>").findall, "<")


def is_linear(work: Callable[[str], Any], unit: str, size: int = 4_000) -> bool:
    return seconds(work, unit * 5 * size) < 10 * seconds(work, unit * size) + 0.01


def seconds(work: Callable[[str], Any], text: str) -> float:
    """Return the processor time of some work, the least of three attempts."""

    def once() -> float:
        start = time.process_time()
        work(text)
        return time.process_time() - start

    return min(once() for _ in range(3))
