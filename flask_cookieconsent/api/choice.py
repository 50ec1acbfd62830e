"""View functions of the JSON interface for the choices of one caller: read them, and make a choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, request

from flask_cookieconsent.choice.form import LONGEST_BODY, Choice, Press
from flask_cookieconsent.choice.outcome import Outcome, Sender, carry_out, erase
from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.choice.response import announce, receipts_to_erase, remember
from flask_cookieconsent.choice.step import Step, take_step
from flask_cookieconsent.core.consent import within
from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.http.body import is_too_long
from flask_cookieconsent.pages.renderer import Renderer
from flask_cookieconsent.pages.resources import no_store

from .bodies import read_body
from .callers import Caller, caller, problem_of_caller
from .problems import problem


@dataclass(frozen=True)
class ChoiceViews:
    """The view functions of one app."""

    renderer: Renderer

    def read(self) -> Response:
        """Return what the caller has chosen, and what follows from it now."""
        return no_store(jsonify(choices_of(caller(self.renderer.state).decision)))

    def choose(self) -> Response:
        """Validate a posted choice, record it, and answer with what follows: a token, or the cookie of the browser."""
        state = self.renderer.state
        who = caller(state)
        if (refusal := problem_of_caller(who, state)) is not None:
            return problem(refusal)
        if request.mimetype != "application/json":
            return problem(Problem.WRONG_TYPE)
        if is_too_long(LONGEST_BODY):
            return problem(Problem.TOO_LONG)
        press, mistakes = read_body(state.registry, request.get_data())
        if press is None:
            return problem(Problem.NOT_UNDERSTOOD, mistakes)
        return self.carried_out(who, press)

    def erase(self) -> Response:
        """Withdraw everything, and erase the record of the receipt that the caller holds."""
        state = self.renderer.state
        who = caller(state)
        if (refusal := problem_of_caller(who, state)) is not None:
            return problem(refusal)
        return self.carried_out(who, Press(choice=Choice.ERASE))

    def carried_out(self, who: Caller, press: Press) -> Response:
        """Carry out a press of a caller, and answer with what became of it."""
        state = self.renderer.state
        step = take_step(press, who.decision, state.today)
        outcome = carry_out(step, press, _sender(who, step), state, self.renderer)
        erased = press.choice is not Choice.ERASE or erase(_receipts(who), state, press.surface, who.scope)
        failure = outcome.problem or (None if erased else Problem.NOT_ERASED)
        # Whoever could not erase their record needs the receipt to try again.
        answer = self._with_token if who.keeps_token else self._with_cookie
        response = answer(outcome, failure, keeps_receipt=not erased)
        if outcome.took_effect:
            announce(outcome.step)
        return response

    # -- inside ----------------------------------------------------------------------------------------------------

    def _with_token(self, outcome: Outcome, failure: Problem | None, *, keeps_receipt: bool) -> Response:
        """Answer a program: the token and the receipt are in the body, and no cookie is set.

        A receipt that is null is of no use any more; where there is none in the answer, the program keeps its own.
        """
        step = outcome.step
        token, decision = self.renderer.state.follow_token(step.after, step.signals, step.terms)
        kept: dict[str, Any] = {"token": token}
        if outcome.receipt is not None:
            kept["receipt"] = outcome.receipt
        elif not (keeps_receipt or within(step.after, step.registry).granted):
            kept["receipt"] = None
        return _answer(outcome, failure, choices_of(decision) | kept)

    def _with_cookie(self, outcome: Outcome, failure: Problem | None, *, keeps_receipt: bool) -> Response:
        """Answer a script of a page: the browser keeps the same cookies as after the form."""
        state, step = self.renderer.state, outcome.step
        _, decision = state.follow(step.after, step.signals, step.terms)
        response = _answer(outcome, failure, choices_of(decision))
        if outcome.took_effect:
            remember(response, step, state, outcome.receipt, keeps_receipt=keeps_receipt)
        return response


def choices_of(decision: Decision) -> dict[str, Any]:
    """Return a decision in JSON types: the reason for every service, what is allowed, and whether to ask.

    Days are ISO 8601 in UTC; `expires_on` is the last one on which all of the choices hold. `news` are services that
    are new or changed since. `signal` names the browser's signal that answers in the visitor's stead, null for none.
    """
    consent, validity = decision.consent, decision.registry.validity
    made_on = consent.made_on
    return {
        "choices": {service: reason.value for service, reason in decision.reasons.items()},
        "allowed": sorted(decision.allowed),
        "asks": decision.asks,
        "regime": decision.terms.regime.value,
        "news": list(decision.news),
        "made_on": made_on and made_on.isoformat(),
        "expires_on": made_on and (made_on + (validity.grants if consent.granted else validity.refusals)).isoformat(),
        "signal": decision.signals.name if decision.signals.deny else None,
        "state": decision.digest,
    }


def _answer(outcome: Outcome, failure: Problem | None, state: dict[str, Any]) -> Response:
    """Return the state after a press; where something stood against it, a problem that holds the state besides."""
    if failure is None:
        return no_store(jsonify(state))
    return problem(failure, retry_after=outcome.retry_after, more=state)


def _sender(who: Caller, step: Step) -> Sender:
    # The receipt belongs to what was granted so far; somebody else may have put one there before.
    receipt = who.receipt if within(step.before, step.registry).granted else None
    return Sender(receipt=receipt, address=request.remote_addr, scope=who.scope, keeps_token=who.keeps_token)


def _receipts(who: Caller) -> list[str]:
    if not who.keeps_token:
        return receipts_to_erase()
    return [] if who.receipt is None else [who.receipt]
