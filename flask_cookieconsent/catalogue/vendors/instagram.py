"""Instagram: posts and reels in an iframe, by the page made for it; no script of Meta runs in our pages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import address
from flask_cookieconsent.catalogue.kit.providers import META
from flask_cookieconsent.core.services import Cookie, Frame, Service

_HOSTS = ("instagram.com", "www.instagram.com", "instagr.am", "www.instagr.am")
_HOST = "https://www.instagram.com"
_POST = re.compile(r"/(?:[A-Za-z0-9_.]+/)?(p|reels?|tv)/([A-Za-z0-9_-]{5,40})(?:/.*)?")


def instagram(*, id: str = "instagram", category: str = "third_party") -> Service:
    """Return Instagram for `embed()`: a public post, reel or video, with its caption."""
    domain = "instagram.com"
    return Service(
        id=id,
        name="Instagram",
        category=category,
        categories=("third_party", "tracking"),
        purpose="embedded_post",
        provider=replace(META, privacy_policy="https://privacycenter.instagram.com/policy/"),
        cookies=(
            Cookie(name="csrftoken", purpose=purposes.FORGERY, duration=timedelta(days=365), domain=domain),
            Cookie(name="mid", purpose=purposes.RECOGNISES, duration=timedelta(days=400), domain=domain),
            Cookie(name="ig_did", purpose=purposes.RECOGNISES, duration=timedelta(days=400), domain=domain),
            Cookie(name="datr", purpose=purposes.RECOGNISES, duration=timedelta(days=400), domain=domain),
        ),
        hosts={"frame-src": (_HOST,)},
        parse=_parse,
    )


def _parse(text: str) -> Frame | None:
    url = address(text.strip(" "))
    if url is None or url.host not in _HOSTS:
        return None
    if url.path.startswith("/share/"):
        raise ValueError(
            f"{text!r} is a short link, which only Instagram can resolve; "
            "open it and paste the long address it leads to"
        )
    match = _POST.fullmatch(url.path)
    if match is None:
        return None
    kind = "reel" if match[1] == "reels" else match[1]
    link = f"{_HOST}/{kind}/{match[2]}/"
    return Frame(
        src=f"{link}embed/captioned/",
        link=link,
        kind="post",
        shape="long",
        allow="encrypted-media; clipboard-write; picture-in-picture; web-share",
    )
