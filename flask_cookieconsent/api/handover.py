"""View functions that hand a choice over: an app opens a web view already decided, and the way back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, make_response, redirect, request

from flask_cookieconsent.choice.codes import CHALLENGE, EXPIRES_IN, LONGEST_CODE, VERIFIER, Codes, Direction
from flask_cookieconsent.choice.form import LONGEST_BODY
from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.choice.response import remember
from flask_cookieconsent.choice.return_address import return_address
from flask_cookieconsent.choice.same_origin import IN_A_FRAME, Evidence, evidence
from flask_cookieconsent.choice.step import Step
from flask_cookieconsent.core.consent import Consent
from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.core.devices import asleep
from flask_cookieconsent.core.fitting import fitted
from flask_cookieconsent.core.merging import merged
from flask_cookieconsent.http.body import is_too_long
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.pages.preferences import Pages
from flask_cookieconsent.pages.renderer import Renderer
from flask_cookieconsent.pages.resources import no_store

from .bodies import read_object
from .callers import caller, decision_of, problem_of_caller
from .choice import choices_of
from .problems import problem

#: The fields of a body, each with what it may hold, and what that is called.
_FIELDS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "code": (re.compile(rf".{{1,{LONGEST_CODE}}}"), "the code that was handed over"),
    "challenge": (CHALLENGE, "the SHA-256 of a verifier as base64url, 43 characters (RFC 7636, S256)"),
    "verifier": (VERIFIER, "43 to 128 letters, digits and . _ ~ - (RFC 7636)"),
}

_APART = (
    "COOKIECONSENT_SHARED_SCOPES: wanted the names of COOKIECONSENT_SCOPE and of COOKIECONSENT_APP_SCOPE; choices are "
    "handed over between scopes that share one"
)
_NO_TOKEN = "Authorization: found none, wanted Bearer and the consent token, or Bearer alone where nothing was chosen"
_NO_SCRIPT = "Authorization: found a token, wanted none: a page hands over what its browser's cookie says"


@dataclass(frozen=True)
class HandoverViews:
    """The view functions of one app, and the codes that they give and take."""

    renderer: Renderer
    codes: Codes

    # -- from the app to a page ----------------------------------------------------------------------------------------

    def give(self) -> Response:
        """Return a code with what a program has chosen, for the page that it opens next."""
        state = self.renderer.state
        who = caller(state)
        if (refusal := problem_of_caller(who, state)) is Problem.OTHER_SITE:
            return problem(refusal)
        if not who.keeps_token:
            return problem(Problem.NOT_UNDERSTOOD, [_NO_TOKEN])
        return self._given(who.decision.consent, Direction.TO_PAGE)

    def open(self) -> Response:
        """Keep what a code says as the choice of this browser, and redirect to a page of the app.

        Nobody decides anything here, so no event is recorded. A code that does not count changes nothing, and the page
        opens as it would have.
        """
        pages, scopes = Pages(self.renderer), self.renderer.state.settings.scopes
        if not scopes.hands_over:
            return pages.problem(Problem.NOT_SHARED)
        if self._may_be_planted():
            return pages.problem(Problem.OTHER_SITE)
        if request.headers.get("Sec-Fetch-Dest") in IN_A_FRAME:
            return pages.problem(Problem.FRAMED)
        if is_too_long(LONGEST_BODY):
            return pages.problem(Problem.TOO_LONG)
        form = request.form
        response = no_store(make_response(redirect(return_address(form.get("next", "")), 303)))
        handed = self.codes.redeem(form.get("code", ""), Direction.TO_PAGE, form.get("verifier", ""))
        if handed is not None:
            step = self._step(get_visit(self.renderer.state).consult(), handed)
            if step.after is not step.before:
                remember(response, step, self.renderer.state, None)
        return response

    def not_opened(self) -> Any:
        """Redirect somebody who reads the address, which changes nothing."""
        return redirect(return_address(""))

    # -- from a page to the app ----------------------------------------------------------------------------------------

    def give_back(self) -> Response:
        """Return a code with what the visitor of a page has chosen, for the app around it."""
        state = self.renderer.state
        who = caller(state)
        if (refusal := problem_of_caller(who, state)) is not None:
            return problem(refusal)
        if who.keeps_token:
            return problem(Problem.NOT_UNDERSTOOD, [_NO_SCRIPT])
        # What an account grants here counts for whoever signs in, and travels no further.
        return self._given(asleep(state.registry, who.decision.consent), Direction.TO_APP)

    def exchange(self) -> Response:
        """Return the token of a program after what a code says; a token that it brings counts by the same rules."""
        state = self.renderer.state
        if not state.settings.scopes.hands_over:
            return problem(Problem.NOT_SHARED, [_APART])
        who = caller(state)
        if (refusal := problem_of_caller(who, state)) is Problem.OTHER_SITE:
            return problem(refusal)
        fields, wrong = _fields("code", "verifier", needed="code")
        if wrong is not None:
            return wrong
        handed = self.codes.redeem(fields["code"], Direction.TO_APP, fields.get("verifier", ""))
        if handed is None:
            return problem(Problem.WRONG_CODE)
        before = who.decision if who.keeps_token else decision_of(None, state)
        step = self._step(before, handed)
        token, decision = state.follow_token(step.after, step.signals, step.terms)
        return no_store(jsonify(choices_of(decision) | {"token": token}))

    # -- both ----------------------------------------------------------------------------------------------------------

    def _given(self, consent: Consent, direction: Direction) -> Response:
        if not self.renderer.state.settings.scopes.hands_over:
            return problem(Problem.NOT_SHARED, [_APART])
        fields, wrong = _fields("challenge")
        if wrong is not None:
            return wrong
        code = self.codes.issue(consent, direction, fields.get("challenge", ""))
        return no_store(jsonify(code=code, expires_in=EXPIRES_IN))

    def _step(self, decision: Decision, handed: Consent) -> Step:
        """Return the step that a handed consent makes; it says what the visitor has said elsewhere, and no more."""
        registry, today = decision.registry, self.renderer.state.today
        before = decision.consent.standing(registry.validity, today)
        after = merged(before, handed, registry.validity, today)
        kept = before if after is before else fitted(after, registry)
        return Step(registry, before, kept, decision.signals, decision.terms)

    def _may_be_planted(self) -> bool:
        """Tell whether a page of somebody else's may have sent the code, which would be a choice of his.

        An app's web view opens an address as a person does who types it: the browser says so (`none`), or it is an old
        one and says nothing. An old one that says `null` was sent here by a page.
        """
        headers = request.headers
        sender = evidence(headers, request.host, self.renderer.state.settings.trusted_origins)
        if sender is Evidence.NONE:
            return headers.get("Origin") == "null" and headers.get("Sec-Fetch-Site") != "none"
        return sender is Evidence.OTHER_SITE


def _fields(*names: str, needed: str = "") -> tuple[dict[str, str], Response | None]:
    """Return the fields of a JSON body, or the problem with it; no body at all is one without fields."""
    if is_too_long(LONGEST_BODY):
        return {}, problem(Problem.TOO_LONG)
    body = request.get_data()
    if body and request.mimetype != "application/json":
        return {}, problem(Problem.WRONG_TYPE)
    given, mistakes = read_object(body or b"{}", names)
    if given is None:
        return {}, problem(Problem.NOT_UNDERSTOOD, mistakes)
    for name in names:
        pattern, wanted = _FIELDS[name]
        value = given.get(name, None if name == needed else "")
        if not isinstance(value, str) or (value and not pattern.fullmatch(value)) or (name == needed and not value):
            mistakes.append(f"{name}: found a value that does not fit, wanted {wanted}")
    if mistakes:
        return {}, problem(Problem.NOT_UNDERSTOOD, mistakes)
    return given, None
