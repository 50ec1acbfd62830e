"""hCaptcha: a CAPTCHA widget, the box to tick in a form."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import the_same_everywhere
from flask_cookieconsent.core.services import Cookie, Provider, Service, Tag, Widget

_ORIGINS = ("https://hcaptcha.com", "https://*.hcaptcha.com")


def hcaptcha(site_key: str, *, language: str = "", id: str = "hcaptcha", category: str = "functionality") -> Service:
    """Return hCaptcha for `embed("hcaptcha", title=…)` inside a form.

    :raises ValueError: if a parameter is not what hCaptcha gives out.
    """
    if not re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(site_key)):
        raise ValueError(f"site_key: found {site_key!r}, wanted one such as '10000000-ffff-ffff-ffff-000000000001'")
    if language and not re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", str(language)):
        raise ValueError(f"language: found {language!r}, wanted one such as 'nl' or 'pt-BR'")
    widget = Widget(
        tag=Tag(src="https://js.hcaptcha.com/1/api.js" + (f"?hl={language}" if language else "")),
        attributes={"class": "h-captcha", "data-sitekey": site_key},
        kind="check",
        shape="check",
    )
    domain = "hcaptcha.com"
    return Service(
        id=id,
        name="hCaptcha",
        category=category,
        categories=("functionality", "necessary", "third_party"),
        justification=purposes.NEEDED_IN_A_FORM,
        purpose="bot_protection",
        provider=Provider(
            name="Intuition Machines, Inc.", country="US", privacy_policy="https://www.hcaptcha.com/privacy"
        ),
        cookies=(
            Cookie(name="__cf_bm", purpose=purposes.ROBOTS, duration=timedelta(minutes=30), domain=domain),
            Cookie(name="hmt_id", purpose=purposes.ROBOTS, duration=timedelta(days=30), domain=domain),
            Cookie(name="hc_accessibility", purpose=purposes.SETTINGS, duration=timedelta(days=1), domain=domain),
        ),
        hosts=dict.fromkeys(("script-src", "frame-src", "style-src", "connect-src"), _ORIGINS),
        parse=partial(the_same_everywhere, widget),
    )
