"""How long grants and refusals hold, within what the law leaves open."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from flask_cookieconsent.core.validity import HALF_A_YEAR, LONGEST_LIFE, USUAL, Validity

TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)


@pytest.mark.parametrize(("grants", "refusals"), [(1, 184), (184, 184), (30, 400)])
def test_what_the_law_leaves_open(grants: int, refusals: int) -> None:
    """D2, B10: a grant may hold for less than six months, a refusal for longer."""
    assert Validity(grants * DAY, refusals * DAY).grants_end(TODAY, TODAY + (grants + 1) * DAY)
    assert not Validity(grants * DAY, refusals * DAY).refusals_end(TODAY, TODAY + refusals * DAY)


@pytest.mark.parametrize(
    ("grants", "refusals", "named"),
    [
        (HALF_A_YEAR + DAY, HALF_A_YEAR + DAY, "grants"),
        (0 * DAY, HALF_A_YEAR, "grants"),
        (timedelta(hours=36), HALF_A_YEAR, "grants"),
        (HALF_A_YEAR, HALF_A_YEAR - DAY, "refusals"),
        (30 * DAY, 60 * DAY, "refusals"),
        (30 * DAY, LONGEST_LIFE + DAY, "refusals"),
    ],
)
def test_what_it_does_not(grants: timedelta, refusals: timedelta, named: str) -> None:
    """The bad twins: a grant beyond six months, a refusal that is shorter than a grant or than six months."""
    with pytest.raises(ValueError, match=f"^{named}: found .*, wanted "):
        Validity(grants, refusals)


def test_before_any_choice_nothing_ends() -> None:
    assert not USUAL.grants_end(None, TODAY)
    assert not USUAL.refusals_end(None, TODAY)
