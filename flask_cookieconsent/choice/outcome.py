"""Carry out a press: admit its grants (stale notices, rate limits), record its event, and say what took effect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import Notice
from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.locales import site_locales
from flask_cookieconsent.log.events import EventDraft
from flask_cookieconsent.signals import complain, event_failed, tell
from flask_cookieconsent.state import State

from .form import Choice, Press
from .people import keep_step
from .problems import Problem
from .response import new_receipt
from .step import Step


class Notices(Protocol):
    """What knows the notice that visitors are shown now, in each language."""

    def notice_digest(self, locale: str) -> str:
        """Return the SHA-256 of what a visitor is shown in a language, in hexadecimal."""

    def notice(self, locale: str) -> Notice:
        """Return all that a visitor is shown in a language."""


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who sent a press, as far as the log is told.

    `receipt` is that of what was granted before, None where nothing was; `address` the client's, which is not kept.
    `scope` is the surface where the choice was made, `""` for that of the site's own pages. A program that
    `keeps_token` keeps its choices itself, and not with the account of somebody who is signed in.
    """

    receipt: str | None
    address: str | None
    scope: str = ""
    keeps_token: bool = False


@dataclass(frozen=True)
class Outcome:
    """What became of a press: the step that took effect, the receipt of a grant, and what stood against the rest.

    With a `problem` nothing new was granted, and `step` is what the press took away. `retry_after` is in seconds.
    """

    step: Step
    receipt: str | None = None
    problem: Problem | None = None
    retry_after: int = 0

    @property
    def took_effect(self) -> bool:
        """Whether there is anything to remember: all that was asked, or what of it takes away."""
        return self.problem is None or self.step.kind is not None


@dataclass(frozen=True)
class _Recording:
    """Whether the log keeps a step's event, and the new receipt of a grant."""

    is_safe: bool
    receipt: str | None = None


def carry_out(step: Step, press: Press, sender: Sender, state: State, notices: Notices) -> Outcome:
    """Record the event of a step before it takes effect (F5); where a new grant cannot, its refusals do all the same.

    A text of the site's or a log that is broken never stops a refusal, and is an obstacle to a grant.
    """
    problem, seconds = _obstacle(press, sender, state, notices) if step.has_new_grants else (None, 0)
    if problem is None:
        recording = _record(step, press, sender, state, notices)
        if recording.is_safe or not step.has_new_grants:
            return Outcome(_kept(step, sender, state, confirms=press.choice is not Choice.ALLOW), recording.receipt)
        problem = Problem.UNRECORDED
    less = step.reduced
    receipt = _record(less, press, sender, state, notices).receipt
    return Outcome(_kept(less, sender, state, confirms=False), receipt, problem, seconds)


def _kept(step: Step, sender: Sender, state: State, *, confirms: bool) -> Step:
    return step if sender.keeps_token else keep_step(step, state, confirms=confirms)


def erase(receipts: Iterable[str], state: State, method: str, scope: str = "") -> bool:
    """Erase the records of a receipt's bearer, and tell whether the log could be reached; none is none to erase."""
    try:
        for receipt in receipts:
            state.log.erase(receipt, method, scope)
        return True
    except Exception as error:
        _tell_failure("record of a receipt not erased", error)
        return False


def _obstacle(press: Press, sender: Sender, state: State, notices: Notices) -> tuple[Problem | None, int]:
    """Return what stands against a new grant, and for how many seconds; a broken text or log is an obstacle too."""
    try:
        if not _is_shown(press, notices):
            return Problem.STALE, 0
        seconds = state.log.delay(sender.receipt, sender.address)
        return (Problem.TOO_MANY, seconds) if seconds else (None, 0)
    except Exception as error:  # a refusal that comes along still counts
        _tell_failure("grant not admitted", error)
        return Problem.UNRECORDED, 0


def _record(step: Step, press: Press, sender: Sender, state: State, notices: Notices) -> _Recording:
    """Hand a step's event to the log; what was there before is linked to a new receipt in the log alone."""
    if step.kind is None:
        return _Recording(is_safe=True)
    log, previous = state.log, sender.receipt
    receipt = new_receipt() if step.grants else None
    try:
        is_kept = _is_shown(press, notices) and _is_spoken(press.locale)
        draft = EventDraft(
            kind=step.kind,
            method=press.surface,
            choices=step.choices,
            gpc=step.signals.gpc,
            receipt=receipt or (previous if step.kind is Kind.WITHDRAWN else None),
            previous_receipt=previous,
            notice=press.notice,
            locale=press.locale,
            shown=notices.notice(press.locale) if is_kept else None,
            scope=sender.scope,
        )
        if step.has_new_grants:
            log.record(draft)
        elif not log.record_refusal(draft, sender.address):
            # No event has the new receipt, so that what is still granted keeps its own.
            receipt = None
    except Exception as error:  # whatever the trouble of a database is
        _tell_failure("consent event not recorded", error)
        return _Recording(is_safe=False)
    return _Recording(is_safe=True, receipt=receipt)


def _is_shown(press: Press, notices: Notices) -> bool:
    return bool(press.notice and press.locale) and press.notice == notices.notice_digest(press.locale)


def _is_spoken(locale: str) -> bool:
    """Tell whether the site has pages in a locale: whoever sends a form writes it, and each would be a kept notice."""
    # Flask-Babel reads folders to tell all locales, and most forms have that of the page.
    return locale == page_language().locale or locale in site_locales()


def _tell_failure(message: str, error: Exception) -> None:
    """Log an error of the consent log, and send the blinker signal for it."""
    complain(message, error=error)
    tell(event_failed, error=error)
