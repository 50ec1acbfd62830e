"""View functions of the preferences page, the choice endpoint, the state of a visitor and CSP reports."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Response, jsonify, make_response, redirect, request, url_for
from werkzeug.datastructures import MIMEAccept, MultiDict
from werkzeug.http import parse_accept_header

from flask_cookieconsent.choice.form import LONGEST_BODY, Choice, Press, read_press
from flask_cookieconsent.choice.outcome import Outcome, Sender, carry_out, erase
from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.choice.response import (
    announce,
    linked_receipt,
    make_readable,
    receipts_to_erase,
    remember,
)
from flask_cookieconsent.choice.return_address import return_address
from flask_cookieconsent.choice.same_origin import IN_A_FRAME, Evidence, evidence, second_step
from flask_cookieconsent.choice.step import Step, selection, take_step, untouched_switches
from flask_cookieconsent.core.csp import violations_in
from flask_cookieconsent.core.services import N_
from flask_cookieconsent.http.body import is_too_long
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.signals import complain

from .answer import answer
from .loaders import leftovers
from .renderer import Renderer
from .resources import html_response, no_store

# Browsers send 200 characters of it; a minute's worth of parsing fits into one header.
_LONGEST_ACCEPT = 1_000


@dataclass(frozen=True)
class Pages:
    """View functions for visitors of one app; each answers as a page or, where it was asked for, as JSON."""

    renderer: Renderer

    def preferences(self) -> Response:
        """Show every category and service with its switch, as the visitor has set it."""
        decision = get_visit().consult()
        # A service that a signal pauses is shown as off, which it is: saving must not revive it unseen.
        selected = set(decision.registry.optional) & decision.allowed
        return self._preferences(selected=selected, silent=decision.by_silence)

    def choice_page(self) -> Any:
        """Redirect somebody who reloads the address of a choice to the preferences; reading never decides (B9)."""
        return redirect(url_for("cookieconsent.preferences"))

    def choice(self) -> Any:
        """Handle a posted choice: validate, record, then set cookies; answer with a redirect (303) or JSON."""
        state = self.renderer.state
        decision = get_visit(state).consult()
        if is_too_long(LONGEST_BODY):
            return self.problem(Problem.TOO_LONG)
        press, problem = read_press(state.registry, posted())
        if press is None:
            return self.problem(problem or Problem.NOT_UNDERSTOOD)
        if problem is not None:
            return self._again(press, problem, token=second_step())
        step = take_step(press, decision, state.today)
        if step.has_new_grants and request.headers.get("Sec-Fetch-Dest") in IN_A_FRAME:
            # A page of ours inside somebody's frame posts as same-origin; nobody saw what was pressed.
            return self.problem(Problem.FRAMED)
        sender = Sender(receipt=linked_receipt(step.before, step.registry), address=request.remote_addr)
        outcome = carry_out(step, press, sender, state, self.renderer)
        erased = press.choice is not Choice.ERASE or erase(receipts_to_erase(), state, press.surface)
        response = _answered(lambda: self._answer(outcome, press, erased=erased))
        if outcome.took_effect:
            # Whoever could not erase their record needs the receipt to try again.
            remember(response, outcome.step, state, outcome.receipt, keeps_receipt=not erased)
            announce(outcome.step)
        return response

    def state(self) -> Response:
        """Return the present decision as JSON, for pages that are open or were kept: see `answer`."""
        visit, state = get_visit(), self.renderer.state
        response = no_store(jsonify(answer(self.renderer, visit.consult())))
        # The pages of the site, which caches share, remove nothing.
        visit.sweeps = state.shares
        if state.shares and "unread" in request.args:
            make_readable(response, state)
        return response

    def violations(self) -> Any:
        """Count what browsers report as blocked by the strict csp, without addresses (B9: nothing else changes)."""
        state = self.renderer.state
        if state.settings.csp not in ("enforce", "report-only"):
            return self.problem(Problem.NOT_FOUND)
        if evidence(request.headers, request.host, state.settings.trusted_origins) is Evidence.OTHER_SITE:
            return self.problem(Problem.OTHER_SITE)
        if is_too_long(LONGEST_BODY):
            return self.problem(Problem.TOO_LONG)
        if violations := violations_in(request.get_data(parse_form_data=False)):
            state.log.count_violations(violations, request.remote_addr)
        return "", 204

    def problem(self, problem: Problem, *, service: str | None = None) -> Response:
        """Render an error response, as a page or as JSON by content negotiation, with the status of the problem."""
        decision = get_visit().consult()
        if wants_json():
            message = page_language().text(problem.explanation)
            response = jsonify(error=problem.value, message=message)
        else:
            response = html_response(
                self.renderer.page("problem.html", problem.heading, decision, problem=problem, service=service)
            )
        response.status_code = problem.status
        return no_store(response)

    # -- inside ----------------------------------------------------------------------------------------------------

    def _preferences(
        self, *, selected: set[str], silent: Set[str], problem: Problem | None = None, token: str = ""
    ) -> Response:
        visit = get_visit()
        registry = visit.decision.registry
        all_on = {
            category
            for category, members in registry.by_category.items()
            if all(service.id in selected for service in members)
        }
        html = self.renderer.page(
            "preferences.html",
            problem.heading if problem else N_("Cookie settings"),
            visit.consult(),
            switched=selected | all_on,
            shown=selected,
            silent=silent,
            problem=problem,
            leftovers=leftovers(visit.decision, self.renderer.state.cookies, (name for name, _ in visit.cookies)),
            token=token,
            next=url_for("cookieconsent.preferences"),
        )
        visit.forbids_framing = True
        return no_store(html_response(html, problem.status if problem else 200))

    def _again(self, press: Press, problem: Problem, token: str = "") -> Response:
        """Redisplay the preferences form, with what was selected and what to do."""
        if wants_json():
            return self.problem(problem)
        decision = get_visit().decision
        silent = untouched_switches(press, decision)
        return self._preferences(selected=selection(press, decision), silent=silent, problem=problem, token=token)

    def _answer(self, outcome: Outcome, press: Press, *, erased: bool) -> Response:
        """Answer a press by what became of it; where a grant could not take effect, with what was selected kept."""
        if outcome.problem is not None:
            response = self._again(press, outcome.problem)
            if outcome.retry_after:
                response.headers["Retry-After"] = str(outcome.retry_after)
            return response
        return self._done(outcome.step, press) if erased else self.problem(Problem.NOT_ERASED)

    def _done(self, step: Step, press: Press) -> Response:
        if not wants_json():
            anchor = f"#fcc-place-{press.place}" if press.place else "#fcc-saved"
            return no_store(make_response(redirect(return_address(press.next) + anchor, 303)))
        _, decision = self.renderer.state.follow(step.after, step.signals, step.terms)
        return no_store(jsonify(answer(self.renderer, decision, step)))


def _answered(make: Callable[[], Response]) -> Response:
    """Return the answer to a choice; a template of the site's that cannot be rendered never undoes the choice."""
    try:
        return make()
    except Exception as error:
        complain("answer to a choice not rendered, so it leads to the preferences", error=error)
        return no_store(make_response(redirect(url_for("cookieconsent.preferences"), 303)))


def posted() -> MultiDict[str, str]:
    """Return the fields of the present request's form; what the address of its button says stands above them.

    The address is the button's own, and the form another one where content has one of the same id before ours.
    """
    form, args = request.form, request.args
    if not args:
        return form
    fields = MultiDict(form)
    for name in ("surface", "service", "place"):
        if name in args:
            fields.setlist(name, args.getlist(name))
    return fields


def wants_json() -> bool:
    """Tell whether a request prefers JSON to HTML (content negotiation by `Accept`)."""
    header = request.headers.get("Accept", "")
    if len(header) > _LONGEST_ACCEPT:
        header = header[:_LONGEST_ACCEPT].rpartition(",")[0]
    return _prefers_json(header)


# A browser sends the same with each of its presses, and there are few browsers.
@lru_cache(maxsize=128)
def _prefers_json(accept: str) -> bool:
    accepted = parse_accept_header(accept, MIMEAccept)
    return accepted.best_match(["text/html", "application/json"], default="text/html") == "application/json"
