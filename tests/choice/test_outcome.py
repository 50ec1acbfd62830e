"""What becomes of a press, whoever answers it: what takes effect, what is recorded, what stands against the rest."""

from __future__ import annotations

from typing import Any

import pytest

from flask_cookieconsent.choice.form import Choice, Press
from flask_cookieconsent.choice.outcome import Outcome, Sender, carry_out, erase
from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.choice.step import take_step
from flask_cookieconsent.core.decision import OptOutSignals
from flask_cookieconsent.pages.renderer import get_renderer
from flask_cookieconsent.state import get_state
from tests.kit.sites import Site, make_site


def outcome_of(site: Site, choice: Choice, *services: str, receipt: str | None = None, **shown: str) -> Outcome:
    """Carry out the press of somebody who has not chosen before."""
    shown = {"notice": site.digest, "locale": "en"} | shown
    press = Press(choice=choice, services=frozenset(services), **shown)
    with site.app.test_request_context():
        state = get_state()
        decision = state.decide(None, OptOutSignals(), state.today)
        step = take_step(press, decision, state.today)
        sender = Sender(receipt=receipt, address=None, scope="app", keeps_token=True)
        return carry_out(step, press, sender, state, get_renderer())


def test_grant_is_recorded_and_has_a_receipt() -> None:
    """F5, F2: before it takes effect, under the notice that was shown and the scope of its sender."""
    site = make_site()
    outcome = outcome_of(site, Choice.SAVE, "films")

    assert (outcome.problem, outcome.took_effect, set(outcome.step.after.granted)) == (None, True, {"films"})
    assert outcome.receipt is not None
    (event,) = site.events()
    assert (event.notice, event.scope, event.method) == (site.digest, "app", "api")


def test_refusal_has_no_receipt() -> None:
    outcome = outcome_of(make_site(), Choice.REJECT)

    assert (outcome.problem, outcome.receipt, outcome.took_effect) == (None, None, True)


@pytest.mark.parametrize("shown", [{"notice": "0" * 64}, {"notice": ""}, {"locale": ""}, {"locale": "de"}])
def test_stale_notice_leaves_the_refusals(shown: dict[str, str]) -> None:
    """F2: nothing is granted, and what the same press refuses is refused and recorded."""
    site = make_site()
    outcome = outcome_of(site, Choice.SAVE, "films", **shown)

    assert (outcome.problem, outcome.took_effect) == (Problem.STALE, True)
    assert dict(outcome.step.after.granted) == {} and "posts" in outcome.step.after.refused
    assert [event.kind.value for event in site.events()] == ["refused"]


def test_press_that_only_grants_leaves_nothing() -> None:
    """With nothing to refuse there is nothing to remember."""
    site = make_site()
    outcome = outcome_of(site, Choice.ACCEPT, notice="")

    assert (outcome.problem, outcome.took_effect, site.events()) == (Problem.STALE, False, [])


@pytest.mark.parametrize(
    ("name", "fault", "problem"),
    [
        ("delay", lambda receipt, address: 7, Problem.TOO_MANY),
        ("delay", lambda receipt, address: 1 // 0, Problem.UNRECORDED),
        ("record", lambda draft: 1 // 0, Problem.UNRECORDED),
    ],
)
def test_log_that_stands_against_a_grant(
    name: str, fault: Any, problem: Problem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F5: what cannot be recorded is not granted, and what the log raises stops no refusal."""
    site = make_site()
    monkeypatch.setattr(site.log, name, fault)
    outcome = outcome_of(site, Choice.SAVE, "films")

    assert (outcome.problem, outcome.retry_after) == (problem, 7 if problem is Problem.TOO_MANY else 0)
    assert dict(outcome.step.after.granted) == {} and outcome.took_effect
    assert outcome_of(site, Choice.REJECT).problem is None


def test_erasing_says_whether_it_could(monkeypatch: pytest.MonkeyPatch) -> None:
    """F7: none is none to erase, and a log that cannot be reached is said."""
    site = make_site()
    with site.app.app_context():
        assert erase([], get_state(), "api") and erase(["A" * 22], get_state(), "api")
        monkeypatch.setattr(site.log, "erase", lambda *asked: 1 // 0)
        assert not erase(["A" * 22], get_state(), "api")
