"""Cloudflare Turnstile: a CAPTCHA alternative in a form, which keeps no cookie unless it is asked to."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import the_same_everywhere
from flask_cookieconsent.core.services import Cookie, Provider, Service, Tag, Widget


def turnstile(
    site_key: str,
    *,
    action: str = "",
    preclearance: bool = False,
    id: str = "turnstile",
    category: str = "necessary",
) -> Service:
    """Return Cloudflare Turnstile for `embed("turnstile", title=…)` inside a form.

    With *preclearance*, which Cloudflare's own settings switch on, it keeps a cookie of this site.

    :raises ValueError: if a parameter is not what Cloudflare gives out.
    """
    if not re.fullmatch(r"[0-3]x[0-9A-Za-z_-]{20,40}", str(site_key)):
        raise ValueError(f"site_key: found {site_key!r}, wanted one such as '1x00000000000000000000AA'")
    if action and not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", str(action)):
        raise ValueError(f"action: found {action!r}, wanted a short name such as 'signup'")
    widget = Widget(
        tag=Tag(src="https://challenges.cloudflare.com/turnstile/v0/api.js"),
        attributes={"class": "cf-turnstile", "data-sitekey": site_key} | ({"data-action": action} if action else {}),
        kind="check",
        shape="check",
    )
    clearance = Cookie(name="cf_clearance", purpose=purposes.ROBOTS, duration=timedelta(days=365))
    origin = "https://challenges.cloudflare.com"
    return Service(
        id=id,
        name="Turnstile",
        category=category,
        categories=("necessary", "functionality"),
        justification=purposes.NEEDED_IN_A_FORM,
        purpose="bot_protection",
        provider=Provider(
            name="Cloudflare, Inc.",
            country="US",
            privacy_policy="https://www.cloudflare.com/turnstile-privacy-policy/",
        ),
        cookies=(clearance,) if preclearance else (),
        hosts={"script-src": (origin,), "frame-src": (origin,)},
        parse=partial(the_same_everywhere, widget),
    )
