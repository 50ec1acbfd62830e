"""The preferences page, the endpoint that takes a choice, and the frame page of one embed."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, jsonify, make_response, redirect, request, url_for

from flask_cookieconsent.choice.form import LONGEST_BODY
from flask_cookieconsent.choice.same_origin import Evidence, evidence, second_step
from flask_cookieconsent.choice.step import (
    Step,
    announce,
    known_locale,
    record,
    remember,
    return_address,
    selection,
    step_of,
)
from flask_cookieconsent.core.csp import violations_in
from flask_cookieconsent.core.services import N_, Frame
from flask_cookieconsent.embeds.lookup import find_embed
from flask_cookieconsent.errors import EmbedError
from flask_cookieconsent.http.body import limit_body
from flask_cookieconsent.http.request import CurrentConsent, get_current, get_edge
from flask_cookieconsent.i18n import language, page_locale
from flask_cookieconsent.signals import event_failed
from flask_cookieconsent.state import get_state

from .problems import PROBLEMS
from .template_api import CookieConsentHelper

logger = logging.getLogger("flask_cookieconsent")


@dataclass(frozen=True)
class Pages:
    """The view functions of one app."""

    helper: CookieConsentHelper

    def preferences(self) -> Response:
        """Show every category and service with its switch, as the visitor has set it."""
        current = get_current()
        return self._preferences(current, selected=_allowed(current), status=200)

    def choice_page(self) -> Any:
        """Lead somebody who reloads the address of a choice to the preferences; reading never decides (B9)."""
        return redirect(url_for("cookieconsent.preferences"))

    def choice(self) -> Any:
        """Carry out one press of a button."""
        state, current = get_state(), get_current()
        if _is_too_long():
            return self.problem(400, "too-long")
        form = state.form(request.form)
        if not form.validate():
            return self._invalid(form, current)
        step = step_of(form, state, current)
        if step.has_new_grants:
            if request.headers.get("Sec-Fetch-Dest") in ("iframe", "frame", "embed", "object"):
                # A page of ours inside somebody's frame posts as same-origin; nobody saw what was pressed.
                return self.problem(403, "framed")
            if not self._is_shown(form.notice.data, form.locale.data):
                return self._reduced(step, form, current, 409, "stale")
            seconds = state.limits.hit(step.receipt)
            if seconds:
                response = self._reduced(step, form, current, 429, "too-many")
                response.headers["Retry-After"] = str(seconds)
                return response
        receipt = self._recorded(step, form)
        if receipt is _UNRECORDED and step.has_new_grants:
            return self._reduced(step, form, current, 503, "unrecorded")
        if receipt is not None and receipt is not _UNRECORDED and step.receipt is not None:
            state.limits.follow(step.receipt, receipt)
        erased = form.choice.data != "erase" or self._erased(step)
        response = self._done(step, form) if erased else self.problem(503, "not-erased")
        # Whoever could not erase their record needs the receipt to try again.
        remember(response, step, receipt if receipt is not _UNRECORDED else None, keeps_receipt=not erased)
        announce(step)
        return response

    def frame(self, service_id: str) -> Any:
        """Show one embed, once, in the frame of its placeholder; nothing is stored (A9)."""
        state = get_state()
        service = state.registry.services.get(service_id)
        if service is None or service.parse is None:
            return self.problem(404, "unknown-embed")
        if _is_too_long():
            return self.problem(400, "too-long")
        if evidence(request.headers, request.host, state.settings.trusted_origins) is Evidence.OTHER_SITE:
            return self.problem(403, "other-site")
        try:
            _, frame = find_embed(state.registry.services, service_id, request.form.get("url", ""))
        except EmbedError:
            return self.problem(400, "unknown-embed")
        if not isinstance(frame, Frame):
            return self.problem(400, "unknown-embed")
        title = request.form.get("title", "")[:200]
        sources = " ".join(service.hosts.get("frame-src", ()))
        get_edge(state).own_policy = (
            f"default-src 'none'; frame-src {sources}; style-src 'self'; "
            "frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
        )
        response = make_response(self.helper.standalone("frame.html", get_current(), frame=frame, title=title))
        response.headers["Cache-Control"] = "no-store"
        return response

    def state(self) -> Response:
        """Tell a page that the Back button has kept whether it still shows what was chosen."""
        response = Response(self.helper.state_digest(get_current()), mimetype="text/plain")
        response.headers["Cache-Control"] = "no-store"
        return response

    def violations(self) -> Any:
        """Count what browsers report as blocked by the strict policy, without addresses (B9: nothing else changes)."""
        state = get_state()
        if state.settings.csp not in ("enforce", "report-only"):
            return self.problem(404, "not-found")
        if _is_too_long():
            return self.problem(400, "too-long")
        found = violations_in(request.get_data())
        if found:
            state.count_violations(found)
        return "", 204

    # -- answers -------------------------------------------------------------------------------------------------

    def _preferences(
        self, current: CurrentConsent, *, selected: set[str], status: int, problem: str = "", token: str = ""
    ) -> Response:
        registry = get_state().registry
        all_on = {
            group
            for group, members in registry.by_category.items()
            if all(service.id in selected for service in members)
        }
        html = self.helper.page(
            "preferences.html",
            N_("Cookie settings"),
            current,
            switched=selected | all_on,
            shown=selected,
            problem=problem,
            token=token,
            next=url_for("cookieconsent.preferences"),
        )
        get_edge(get_state()).forbids_framing = True
        response = make_response(html, status)
        response.headers["Cache-Control"] = "no-store"
        return response

    def problem(self, status: int, reason: str, service: str | None = None) -> Response:
        """Answer that something cannot be done, as a page or as JSON, whichever was asked for."""
        heading, explanation = PROBLEMS[reason]
        if wants_json():
            response = jsonify(error=reason, message=language(page_locale()).text(explanation))
        else:
            html = self.helper.page(
                "problem.html", heading, get_current(), heading=heading, explanation=explanation, service=service
            )
            response = make_response(html)
        response.status_code = status
        response.headers["Cache-Control"] = "no-store"
        return response

    def _again(self, form: Any, current: CurrentConsent, status: int, reason: str, token: str = "") -> Response:
        if wants_json():
            return self.problem(status, reason)
        problem = language(page_locale()).text(PROBLEMS[reason][1])
        selected = selection(form, get_state(), current)
        return self._preferences(current, selected=selected, status=status, problem=problem, token=token)

    def _invalid(self, form: Any, current: CurrentConsent) -> Response:
        errors = {name: found for name, found in form.errors.items() if name != "csrf_token"}
        if errors:
            logger.info("a choice was not understood: %s", ", ".join(errors))
            return self.problem(400, "not-understood")
        if evidence(request.headers, request.host, get_state().settings.trusted_origins) is Evidence.NONE and (
            current_app.secret_key
        ):
            return self._again(form, current, 403, "no-evidence", token=second_step())
        return self.problem(403, "other-site")

    def _reduced(self, step: Step, form: Any, current: CurrentConsent, status: int, reason: str) -> Response:
        """Let the refusals of a step take effect, and show the page again with what was selected."""
        less = step.reduced
        response = self._again(form, current, status, reason)
        if less.kind is not None:
            receipt = self._recorded(less, form)
            remember(response, less, receipt if receipt is not _UNRECORDED else None)
            announce(less)
        return response

    def _done(self, step: Step, form: Any) -> Response:
        if wants_json():
            after = CurrentConsent(step.state, step.text, step.signals)
            response = jsonify(
                choices={each: reason.value for each, reason in step.decision.reasons.items()},
                made_on=step.after.made_on and step.after.made_on.isoformat(),
                changed=step.decision.allowed != get_current().decision.allowed,
                saved=self.helper.saved(after),
                state=self.helper.state_digest(after),
            )
        else:
            place = f"#fcc-place-{form.place.data}" if form.place.data else "#fcc-saved"
            response = make_response(redirect(return_address(form.next.data) + place, 303))
        response.headers["Cache-Control"] = "no-store"
        return response

    def _recorded(self, step: Step, form: Any) -> str | None:
        """Record a step's event; what goes wrong there is told, and never stops a refusal."""
        try:
            shown = self._is_shown(form.notice.data, form.locale.data)
            return record(step, form, self.helper.notice(form.locale.data) if shown else None)
        except Exception as error:  # whatever the trouble of a database is
            logger.error("a consent event could not be recorded", exc_info=error)
            event_failed.send(current_app._get_current_object(), error=error)  # type: ignore[attr-defined]
            return _UNRECORDED

    def _erased(self, step: Step) -> bool:
        """Erase the record of a receipt's bearer; without a receipt there is nothing to find it by."""
        try:
            if step.receipt is not None:
                step.state.erase(step.receipt)
            return True
        except Exception as error:
            logger.error("a record could not be erased", exc_info=error)
            event_failed.send(current_app._get_current_object(), error=error)  # type: ignore[attr-defined]
            return False

    def _is_shown(self, notice: str | None, locale: str | None) -> bool:
        # Both are the visitor's to write: what is no language of Babel's has no notice.
        return bool(notice and known_locale(locale)) and notice == self.helper.notice_digest(known_locale(locale))


_UNRECORDED = "unrecorded"


def _is_too_long() -> bool:
    # A body of unknown length is cut at the limit, and half a form is another choice than the whole.
    limit_body(LONGEST_BODY + 1)
    return (request.content_length or 0) > LONGEST_BODY or len(request.get_data()) > LONGEST_BODY


def _allowed(current: CurrentConsent) -> set[str]:
    # A service that a signal pauses is shown as off, which it is: saving must not revive it unseen.
    return {each for each in current.decision.registry.optional if each in current.decision.allowed}


def wants_json() -> bool:
    """Tell whether a request asks for JSON rather than a page."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return best == "application/json"
