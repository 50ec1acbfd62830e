"""Who calls the JSON interface: a page's script with the visitor's cookie, or a program with a consent token."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import request

from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.choice.response import is_receipt, sent_receipt
from flask_cookieconsent.choice.same_origin import Evidence, evidence
from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.core.regimes import STRICT
from flask_cookieconsent.errors import InvalidConsentError
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.state import State

#: The header in which a program sends the receipt that it holds; an address would be written into logs.
RECEIPT_HEADER = "Consent-Receipt"

# RFC 6750, section 2.1. The scheme alone says that a program keeps its choices itself, and so does one that is followed
# by what cannot be a token: a program whose token is broken must not be taken for a browser.
_BEARER = re.compile(r"[ \t]*bearer(?:[ \t]+(.*))?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Caller:
    """One caller: whether it keeps a token itself, the decision that follows from its choices, and its receipt.

    `scope` is the surface where its choices are made, `""` for that of the site's own pages.
    """

    keeps_token: bool
    decision: Decision
    receipt: str | None
    scope: str = ""


def caller(state: State) -> Caller:
    """Return who sent the present request; a token that is not ours means "undecided", never an error (A7).

    A program that says `Authorization: Bearer`, with a token or without one, keeps its choices itself: no cookie of
    the request counts, and none is set.
    """
    match = _BEARER.fullmatch(request.headers.get("Authorization", ""))
    if match is None:
        return Caller(keeps_token=False, decision=get_visit(state).consult(), receipt=sent_receipt())
    receipt = request.headers.get(RECEIPT_HEADER, "")
    return Caller(
        keeps_token=True,
        decision=decision_of((match[1] or "").rstrip(" \t"), state),
        receipt=receipt if is_receipt(receipt) else None,
        scope=state.settings.app_scope,
    )


def decision_of(token: str | None, state: State) -> Decision:
    """Return what follows from a consent token, None for nothing chosen, under the signals of the present request."""
    visit = get_visit(state)
    signals, terms = visit.decision.signals, visit.terms
    try:
        return state.decide_token(token or None, signals, state.today, terms)
    except InvalidConsentError:
        # It may say that everything is refused, which silence must not overrule.
        return state.decide_token(None, signals, state.today, STRICT)


def problem_of_caller(who: Caller, state: State) -> Problem | None:
    """Return why a caller may not change anything: a page of another site decides for nobody.

    A program has no cookie that others could use, and so needs to prove nothing; whoever sends a page's origin proves
    where it comes from.
    """
    trusted = state.settings.trusted_origins
    if who.keeps_token and request.headers.get("Origin") in trusted:
        return None
    sender = evidence(request.headers, request.host, trusted)
    if sender is Evidence.OTHER_SITE:
        return Problem.OTHER_SITE
    return None if who.keeps_token or sender is Evidence.SAME_SITE else Problem.NO_EVIDENCE
