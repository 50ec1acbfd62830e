"""Which regime holds in which region: opt-in where anything is unknown, and always where the law asks for consent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.core import regimes
from flask_cookieconsent.core.regimes import (
    PROTECTED,
    STRICT,
    Regime,
    Regions,
    are_exemptions,
    are_regimes,
    are_region_headers,
    frozen,
    grounds_in,
    header_names,
    mistakes_in,
    regime_of,
    region_of,
)

NAMED = {"US": "opt-out", "US-ME": "opt-in", "CA": "notice", "AU-NSW": "opt-out"}


@pytest.mark.parametrize(
    ("values", "region"),
    [
        (("US",), "US"),
        ((" us ",), "US"),
        (("US-CA",), "US-CA"),
        (("US", "CA"), "US-CA"),
        (("US", None), "US"),
        (("US", ""), "US"),
        # The bad twins: missing, malformed, oversized, twice, in the wrong place.
        ((None,), None),
        (("",), None),
        (("T1",), None),
        (("USA",), None),
        (("US, DE",), None),
        (("US,US",), None),
        (("US" * 500,), None),
        ((None, "CA"), None),
        (("US", "US-CA"), None),
        (("US", "CALI"), None),
        (("ÜS",), None),
    ],
)
def test_region_that_headers_name(values: tuple[str | None, ...], region: str | None) -> None:
    """A7: what is not exactly one code is no region."""
    assert region_of(*values) == region


@given(st.lists(st.none() | st.text(), min_size=1, max_size=2))
def test_no_header_breaks_anything(values: list[str | None]) -> None:
    """A7: whatever a client sends there, the answer is a code or nothing."""
    region = region_of(*values)

    assert region is None or regimes.is_region(region)


@pytest.mark.parametrize(
    ("region", "regime"),
    [
        ("US-CA", "opt-out"),
        ("US-ME", "opt-in"),
        ("US", "opt-in"),
        ("CA", "notice"),
        ("CA-QC", "notice"),
        ("AU-NSW", "opt-out"),
        ("AU-VIC", "opt-in"),
        ("AU", "opt-in"),
        ("BR", "opt-in"),
        ("XX", "opt-in"),
        (None, "opt-in"),
    ],
)
def test_most_specific_code_counts(region: str | None, regime: str) -> None:
    """A country whose subdivision is unknown has the strictest of them; what is not named is opt-in."""
    assert regime_of(region, NAMED) == regime
    assert Regions(NAMED).terms_of(region).regime == regime


@pytest.mark.parametrize("regime", ["opt-out", "notice"])
def test_opt_in_where_the_law_asks_for_consent(regime: str) -> None:
    """A1, B7: for each protected code, and each of its parts, opt-in whatever somebody has written."""
    for code in PROTECTED:
        wrong = {code: regime, f"{code}-1": regime}
        assert {regime_of(each, wrong) for each in wrong} == {Regime.OPT_IN}
        assert Regions(wrong).terms_of(f"{code}-1") is STRICT


def test_codes_that_are_protected() -> None:
    """Every state of the EU and the EEA, the United Kingdom, Switzerland, and what people write for them besides."""
    wanted = "AT BE BG CY CZ DE DK EE EL ES EU FI FR GB GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK UK CH"

    assert set(wanted.split()) <= PROTECTED
    assert {"GF", "GP", "MQ", "RE", "YT", "MF", "AX", "GI", "GG", "JE", "IM"} <= PROTECTED
    assert PROTECTED.isdisjoint({"US", "CA", "BR", "AU", "TR", "RU"})


def test_grounds_of_the_nearest_code() -> None:
    """A ground for a region counts before that for its country, and that before the one for everywhere."""
    exempt = {"counter": {"*": "any", "GB": "country", "GB-SCT": "part"}, "other": {"FR": "French"}}

    assert grounds_in("GB-SCT", exempt) == {"counter": "part"}
    assert grounds_in("GB-ENG", exempt) == {"counter": "country"}
    assert grounds_in("FR", exempt) == {"counter": "any", "other": "French"}
    assert grounds_in(None, exempt) == {"counter": "any"}


def test_one_terms_for_all_regions_alike() -> None:
    """Decisions are remembered by it, so the same terms are the same object, and those of anywhere are strict."""
    regions = Regions(NAMED, {"counter": {"GB": "PECR 2003"}})

    assert regions.terms_of("US-CA") is regions.terms_of("US-TX") is regions.terms_of("AU-NSW")
    assert regions.anywhere is regions.terms_of("BR") is regions.terms_of("US-ME") is STRICT
    assert regions.terms_of("GB") is regions.terms_of("GB-ENG")
    assert len(regions.all_terms) == 4
    assert len({terms.text for terms in regions.all_terms}) == 4
    assert STRICT.text == ""
    assert regions.named(Regime.OPT_OUT) == ("AU-NSW", "US")


GOOD: list[tuple[Any, Any]] = [
    (are_region_headers, "CF-IPCountry"),
    (are_region_headers, ["X-Country", "X-Region"]),
    (are_regimes, NAMED),
    (are_exemptions, {"counter": {"*": "A law."}}),
]
BAD: list[tuple[Any, Any]] = [
    (are_region_headers, "X_Country"),
    (are_region_headers, ["A", "B", "C"]),
    (are_region_headers, [1]),
    (are_region_headers, None),
    (are_regimes, {"us": "opt-out"}),
    (are_regimes, {"USA": "opt-out"}),
    (are_regimes, {"US": "none"}),
    (are_regimes, {"US": ["opt-out"]}),
    (are_regimes, ["US"]),
    (are_exemptions, {"counter": "A law."}),
    (are_exemptions, {"counter": {}}),
    (are_exemptions, {"counter": {"GB": " "}}),
    (are_exemptions, {"counter": {"gb": "A law."}}),
    (are_exemptions, {"counter": ["GB"]}),
]


@pytest.mark.parametrize(("check", "value"), GOOD)
def test_settings_that_are_well_formed(check: Any, value: Any) -> None:
    assert check(value)


@pytest.mark.parametrize(("check", "value"), BAD)
def test_settings_that_are_not(check: Any, value: Any) -> None:
    """The bad twins; none of them raises."""
    assert not check(value)


def test_what_is_read_is_frozen() -> None:
    given = {"counter": {"GB": "PECR 2003"}}
    kept = frozen(given)
    given["counter"]["GB"] = "something else"

    assert kept["counter"]["GB"] == "PECR 2003"
    assert header_names("A") == header_names(["A"]) == ("A",)


def test_settings_that_fit_together() -> None:
    assert list(mistakes_in(("A",), NAMED, {"counter": {"GB": "PECR 2003"}}, 365)) == []
    assert list(mistakes_in((), {}, {"counter": {"*": "A law."}}, 184)) == []
    assert list(mistakes_in(("A",), {"DE": "opt-in"}, None, 184)) == []


@pytest.mark.parametrize(
    ("headers", "named", "exempt", "days", "said"),
    [
        ((), NAMED, None, 400, "REGIMES: found regions, and no COOKIECONSENT_REGION_HEADERS"),
        ((), None, {"counter": {"GB": "PECR 2003"}}, 400, "EXEMPT: found regions, and no"),
        (("A",), {"DE": "opt-out"}, None, 400, "REGIMES: found 'DE': 'opt-out', wanted 'opt-in'"),
        (("A",), {"FR-GF": "notice"}, None, 400, "REGIMES: found 'FR-GF': 'notice'"),
        (("A",), NAMED, None, 364, "REFUSAL_VALIDITY: found 364 days, wanted at least 365"),
    ],
)
def test_settings_that_do_not(headers: Any, named: Any, exempt: Any, days: int, said: str) -> None:
    """A1, B10: less than opt-in in Europe, a region that nobody tells, a refusal that is forgotten within the year."""
    (mistake,) = mistakes_in(headers, named, exempt, days)

    assert mistake.startswith(said)
