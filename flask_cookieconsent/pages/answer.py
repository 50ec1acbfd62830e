"""A decision as JSON: what the script needs to make a page that is open say what the server now knows."""

from __future__ import annotations

from typing import Any

from flask_cookieconsent.core.decision import Decision

from .loaders import tags
from .renderer import Renderer


def answer(renderer: Renderer, decision: Decision) -> dict[str, Any]:
    """Return a decision's digest, its reasons, the names of all that is allowed, and the pieces of a page as HTML.

    `banner` is the confirmation, the banner or the signal's line; `link` is what stands at the foot; `tags` are the
    loaders of every allowed service.
    """
    consent = decision.consent
    return {
        "state": decision.digest,
        "choices": {service: reason.value for service, reason in decision.reasons.items()},
        "made_on": consent.made_on and consent.made_on.isoformat(),
        "allowed": sorted(decision.allowed),
        "banner": renderer.render("banner.html", decision, explanation=None),
        "link": renderer.render("link.html", decision, explanation=None),
        "tags": [renderer.render("tag.html", decision, tag=tag) for tag in tags(decision)],
    }
