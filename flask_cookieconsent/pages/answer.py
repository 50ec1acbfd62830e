"""A decision as JSON: what the script needs to make a page that is open say what the server now knows."""

from __future__ import annotations

from typing import Any

from flask_cookieconsent.choice.step import Step
from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.decision import Decision
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.locales import page_locale
from flask_cookieconsent.state import get_state

from .fragments import NO_HOLES
from .loaders import leftovers
from .renderer import PageContext, Renderer


def answer(renderer: Renderer, decision: Decision, step: Step | None = None) -> dict[str, Any]:
    """Return a decision's digest, its reasons, the names of all that is allowed, and the pieces of a page as HTML.

    `banner` is the confirmation, the banner or the signal's line; `link` is what stands at the foot; `tags` are the
    loaders of every allowed service; `closed` tells whether the csp of an open page holds back what is allowed since.
    With the *step* that led to the decision the confirmation can say what it was.
    """
    consent = decision.consent
    context = renderer.context(decision, page_locale(), signed_in=get_visit().is_signed_in)
    told: dict[str, bool] = {}
    if step is not None:
        told = {"was_withdrawn": step.kind is Kind.WITHDRAWN, "was_removed": _removes(step, context)}
    return {
        "state": decision.digest,
        "choices": {service: reason.value for service, reason in decision.reasons.items()},
        "made_on": consent.made_on and consent.made_on.isoformat(),
        "allowed": sorted(decision.allowed),
        "forgotten": context.values["forgotten"],
        "closed": get_state().settings.csp == "enforce",
        "banner": renderer.piece("banner.html", context, explanation=None, **NO_HOLES, **told).text,
        "link": renderer.piece("link.html", context, explanation=None, **NO_HOLES).text,
        "tags": renderer.loaders(context),
    }


def _removes(step: Step, context: PageContext) -> bool:
    """Tell whether a step ends something that was allowed, or this browser holds a cookie of what is off (E4)."""
    sent = (name for name, _ in get_visit().cookies)
    has_ended = any(removal.service.id in step.before.granted for removal in context.values["removals"])
    return has_ended or bool(leftovers(context.decision, get_state().cookies, sent))
