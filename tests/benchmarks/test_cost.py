"""The cost of a page: the same page bare, with a consent written by hand, and with the extension.

Printed with `-s`, or for longer with `python -m tests.benchmarks.cost --seconds 60`. No time decides a test: it is the
pages that are tested, so that nothing is measured which shows nothing.

Targets on the light page, whose bare price is about that of Flask itself: 1.18 with the banner, 1.12 after a choice,
1.03 where a page asks nothing, ten embeds at most 1.5 times one, and all of it the same with 1,000 declared cookies.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from tests.kit.sites import Site, make_site

from .cases import PAGES, Case, answer_of, mistakes_of
from .cost import table
from .interleaved import ratio_of

pytestmark = pytest.mark.benchmark

SECONDS = float(os.environ.get("FCC_SECONDS", "2"))


@pytest.fixture(scope="module", params=list(PAGES))
def page(request: pytest.FixtureRequest) -> tuple[str, list[Case]]:
    """One page by name, with its cases."""
    return request.param, PAGES[request.param]()


def test_cost(page: tuple[str, list[Case]]) -> None:
    """The table has a line for each case; `FCC_SECONDS` is how long each page is measured."""
    title, cases = page

    lines = list(table(title, cases, seconds=SECONDS))

    print("", *lines, sep="\n")
    assert len(lines) == 2 + len(cases)
    assert all(case.name in line for case, line in zip(cases, lines[2:], strict=True))


def test_pages_show_what_is_measured(page: tuple[str, list[Case]]) -> None:
    """Every page shows its banner, link, placeholders or frames, and a page that asks nothing is the bare page."""
    _, cases = page
    bodies = {case.name: answer_of(case).body for case in cases}

    assert {case.name: mistakes_of(case, answer_of(case)) for case in cases} == {case.name: [] for case in cases}
    assert bodies["asks nothing"] == bodies["bare"]
    assert 9_000 < len(bodies["bare"]) < 11_000


@pytest.mark.parametrize(
    ("change", "mistake"),
    [
        ({"shows": ("fcc-banner",)}, "does not show 'fcc-banner'"),
        ({"hides": ("<h1>",)}, "shows '<h1>'"),
    ],
)
def test_page_that_shows_nothing_is_a_mistake(change: dict[str, Any], mistake: str) -> None:
    """The bad twins: a page without its banner, and one with what it must not show, are not measured."""
    bare = PAGES["light"]()[0]
    wrong = replace(bare, **change)

    assert mistakes_of(wrong, answer_of(wrong)) == [mistake]
    with pytest.raises(ValueError, match=mistake):
        list(table("light", [wrong], seconds=0))


def test_empty_page_is_a_mistake() -> None:
    """The bad twin: an app that answers 404 with a few lines is fast, and is not measured."""
    bare = PAGES["light"]()[0]
    bare.app.view_functions["home"] = lambda: ("", 404)

    assert mistakes_of(bare, answer_of(bare)) == [
        "status 404 NOT FOUND",
        "0 characters of HTML, wanted more than 9,000",
    ]


def test_ratio_is_taken_round_by_round() -> None:
    """A machine that is ten times slower in one round changes no ratio; a second baseline would."""
    ratio = ratio_of([1_200, 12_000, 1_200, 1_200], [1_000, 10_000, 1_000, 1_000])

    assert (ratio.microseconds, ratio.ratio, ratio.margin, ratio.lower, ratio.upper) == (1.2, 1.2, 0, 1.2, 1.2)
    assert ratio_of([1_200, 12_000, 1_200], [1_000, 1_000, 10_000]).upper > 10


@pytest.fixture
def heard() -> Iterator[tuple[Site, list[str]]]:
    """A site and the statements that its database is sent."""
    db = SQLAlchemy()
    site, statements = make_site(db=db), list[str]()
    with site.app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda _, __, statement, *___: statements.append(statement))
    yield site, statements


def test_page_asks_no_database(heard: tuple[Site, list[str]]) -> None:
    """A page with a banner, tags and embeds sends the database not one statement."""
    site, statements = heard

    assert "fcc-banner" in site.visitor().get().text
    assert statements == []


def test_choice_asks_the_database(heard: tuple[Site, list[str]]) -> None:
    """The bad twin: a choice is recorded, so the listener hears."""
    site, statements = heard
    site.visitor().choose("reject")

    assert any(statement.startswith("INSERT") for statement in statements)
