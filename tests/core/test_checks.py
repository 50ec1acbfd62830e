"""Checks of setting values: what passes, the nearest that does not, and that nothing makes them raise."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.core import checks

#: Each check with what passes and, beside it, the smallest change that does not.
PAIRS: dict[str, tuple[Callable[[Any], bool], Any, Any]] = {
    "key": (checks.is_key, b"x" * 16, b"x" * 15),
    "list": (checks.list_of(checks.is_flag), [True, False], [True, 0]),
    "origin": (checks.is_origin, "http://localhost:5000", "http://localhost:5000/"),
    "optional": (checks.optional(checks.is_flag), None, 0),
    "line": (checks.is_line, "x" * 300, "x" * 301),
    "day": (checks.is_day, "2026-11-23", "2026-11-31"),
    "days": (checks.days_between(1, 184), timedelta(days=184), 185),
    "retention": (checks.is_retention, 184, 183),
    "long retention": (checks.is_retention, timedelta(days=36_500), timedelta(days=36_501)),
    "flag": (checks.is_flag, False, None),
    "word": (checks.is_one_of("bar", "card"), "card", "Card"),
    "sources": (checks.are_sources, {"img-src": ["data:"]}, {"img-src": "data:"}),
    "domain": (checks.is_domain, "example.com", "example.com."),
    "short": (checks.is_short, "x" * 40, "x" * 41),
    "cookie name": (checks.is_cookie_name, "_ga_*", "_ga *"),
    "rate": (checks.is_rate, "1 per second", "1 per seconds"),
    "short span": (checks.is_span_of_seconds, 0.1, 0.09),
    "long span": (checks.is_span_of_seconds, timedelta(hours=1), timedelta(hours=1, seconds=1)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_what_passes_and_its_twin(name: str) -> None:
    check, good, bad = PAIRS[name]

    assert (check(good), check(bad)) == (True, False)


@pytest.mark.parametrize("value", [True, "2", None, float("nan"), float("inf"), -1, 10**400])
def test_no_span_of_seconds(value: Any) -> None:
    """Neither a flag, which is a number in Python, nor what no clock can wait for."""
    assert not checks.is_span_of_seconds(value)


def test_values_of_spans_and_days() -> None:
    """A number is of seconds, or of days where something is kept; the text of a day is that day."""
    assert [checks.seconds(each) for each in (2, 0.5, timedelta(minutes=1))] == [2.0, 0.5, 60.0]
    assert [checks.duration(each) for each in (400, timedelta(hours=1))] == [timedelta(days=400), timedelta(hours=1)]
    assert [checks.day(each) for each in (None, "2026-11-23", date(2026, 11, 23))] == [None, *[date(2026, 11, 23)] * 2]


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.dates() | st.timedeltas(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
)


@given(_values)
def test_no_value_makes_a_check_raise(value: Any) -> None:
    """Whatever somebody has written into a configuration, the answer is yes or no."""
    assert {type(check(value)) for check, _, _ in PAIRS.values()} == {bool}


def test_every_check_is_tried() -> None:
    """What is told by its name to be a check has a pair here."""
    made = {"list_of", "optional", "matches", "is_one_of"}
    names = {name for name, _ in inspect.getmembers(checks, callable) if name.startswith(("is_", "are_"))}
    imported = {"is_directive", "is_source"}
    tried = {check for check, _, _ in PAIRS.values()}

    assert {name for name in names - made - imported if getattr(checks, name) not in tried} == set()
    assert isinstance(checks.day(datetime(2026, 11, 23)), date)
