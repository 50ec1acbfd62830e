"""Google reCAPTCHA v2: a CAPTCHA widget, the box to tick in a form."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import the_same_everywhere
from flask_cookieconsent.core.services import Cookie, Provider, Service, Tag, Widget

_HOSTS = {
    "www.recaptcha.net": ("https://www.recaptcha.net", "https://recaptcha.net"),
    "www.google.com": ("https://www.google.com", "https://recaptcha.google.com"),
}


def recaptcha(
    site_key: str,
    *,
    host: str = "www.recaptcha.net",
    language: str = "",
    id: str = "recaptcha",
    category: str = "functionality",
) -> Service:
    """Return Google reCAPTCHA v2 for `embed("recaptcha", title=…)` inside a form.

    By the *host* `"www.recaptcha.net"` no other cookie of google.com is sent along. Versions without a box watch whole
    pages and cannot be put in a form: they are no embed.

    :raises ValueError: if a parameter is not what Google gives out.
    """
    if not re.fullmatch(r"6L[0-9A-Za-z_-]{38}", str(site_key)):
        raise ValueError(f"site_key: found {site_key!r}, wanted one such as '6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI'")
    if host not in _HOSTS:
        raise ValueError(f"host: found {host!r}, wanted one of {', '.join(_HOSTS)}")
    if language and not re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", str(language)):
        raise ValueError(f"language: found {language!r}, wanted one such as 'nl' or 'pt-BR'")
    widget = Widget(
        tag=Tag(src=f"https://{host}/recaptcha/api.js" + (f"?hl={language}" if language else "")),
        attributes={"class": "g-recaptcha", "data-sitekey": site_key},
        kind="check",
        shape="check",
    )
    own, other = _HOSTS[host]
    return Service(
        id=id,
        name="reCAPTCHA",
        category=category,
        categories=("functionality", "necessary", "third_party"),
        justification=purposes.NEEDED_IN_A_FORM,
        purpose="bot_protection",
        provider=Provider(
            name="Google Cloud EMEA Limited",
            country="IE",
            privacy_policy="https://cloud.google.com/terms/cloud-privacy-notice",
        ),
        cookies=(
            Cookie(
                name="_GRECAPTCHA",
                purpose=purposes.ROBOTS,
                duration=timedelta(days=180),
                domain=host,
                path="/recaptcha",
            ),
            Cookie(name="_grecaptcha", purpose=purposes.ROBOTS, storage="local"),
            Cookie(name="rc::*", purpose=purposes.ROBOTS, domain=host, storage="local"),
        ),
        hosts={
            "script-src": (own, "https://www.gstatic.com"),
            "frame-src": (own, other),
            "connect-src": (own,),
        },
        parse=partial(the_same_everywhere, widget),
    )
