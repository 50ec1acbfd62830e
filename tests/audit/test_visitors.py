"""The four visitors, and the choices cookie of each."""

from __future__ import annotations

import pytest

from flask_cookieconsent.audit.visitors import choices_cookie, choices_text, services_named, visitors_of
from flask_cookieconsent.core.decision import OptOutSignals, Reason
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.state import State, get_state
from tests.kit.sites import EVERYTHING, OPTIONAL, make_site, small_app


@pytest.fixture(scope="module")
def state() -> State:
    return get_state(make_site(app=small_app()).app)


def test_four_visitors(state: State) -> None:
    assert {each.name: (each.allowed, each.headers) for each in visitors_of(state.registry)} == {
        "undecided": (None, {}),
        "refusing": (frozenset(), {}),
        "accepting": (EVERYTHING, {}),
        "gpc": (None, {"Sec-GPC": "1"}),
    }


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["all"], EVERYTHING),
        (["films"], {"films"}),
        (["third_party", "language"], OPTIONAL["third_party"] | {"language"}),
        ([], set()),
    ],
)
def test_services_named(state: State, names: list[str], wanted: set[str]) -> None:
    assert services_named(state.registry, names) == wanted


@pytest.mark.parametrize("name", ["youtube", "necessary", "cookieconsent", ""])
def test_services_that_nobody_is_asked_about(state: State, name: str) -> None:
    """The bad twin, with what could be named."""
    with pytest.raises(SetupError, match=r"wanted a service or a category .* films"):
        services_named(state.registry, [name])


def test_choices_cookie(state: State) -> None:
    """What is decided for it is what was said; the host prefix needs HTTPS."""
    decision = state.decide(choices_text(state, ["films"]), OptOutSignals(), state.today)

    assert decision.allowed & EVERYTHING == {"films"} and decision.reasons["posts"] is Reason.REFUSED
    assert choices_cookie(state, "localhost", secure=True) == "__Host-cookieconsent"
    assert choices_cookie(state, "localhost", secure=False) == "cookieconsent"


def test_expired_choices(state: State) -> None:
    decision = state.decide(choices_text(state, ["films"], expired=True), OptOutSignals(), state.today)

    assert "films" not in decision.allowed
