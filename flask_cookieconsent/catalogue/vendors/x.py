"""X (formerly Twitter): posts in an iframe; no script of X runs in our pages."""

from __future__ import annotations

import re
from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import address
from flask_cookieconsent.catalogue.kit.providers import X_CORP
from flask_cookieconsent.core.services import Cookie, Frame, Service

_HOSTS = tuple(prefix + host for host in ("x.com", "twitter.com") for prefix in ("", "www.", "mobile."))
_POST = re.compile(r"/(?:(?P<name>[A-Za-z0-9_]{1,15})|i(?:/web)?)/status(?:es)?/(?P<id>[0-9]{1,20})(?:/.*)?")
_NAME = re.compile(r"/([A-Za-z0-9_]{1,15})/?")
_RESERVED = frozenset(("home", "share", "intent", "search", "i", "hashtag", "login", "explore", "settings"))


def x(*, id: str = "x", category: str = "third_party") -> Service:
    """Return X for `embed()`: one post."""
    long = timedelta(days=400)
    return Service(
        id=id,
        name="X",
        category=category,
        categories=("third_party", "tracking"),
        purpose="embedded_post",
        provider=X_CORP,
        cookies=tuple(
            Cookie(name=name, purpose=purpose, duration=long, domain="x.com")
            for name, purpose in (
                ("guest_id", purposes.RECOGNISES),
                ("guest_id_ads", purposes.ADVERTISES),
                ("guest_id_marketing", purposes.ADVERTISES),
                ("personalization_id", purposes.RECOGNISES),
            )
        ),
        # X moved its frames in June 2026; older markup still leads to the other host.
        hosts={"frame-src": ("https://platform.x.com", "https://platform.twitter.com")},
        parse=_parse,
    )


def _parse(text: str) -> Frame | None:
    plain = text.strip(" ")
    if re.fullmatch(r"[0-9]{5,20}", plain):
        return _post("i", plain)
    url = address(plain)
    if url is None:
        return None
    if url.host == "t.co":
        raise ValueError(
            f"{text!r} is a short link, which only X can resolve; open it and paste the long address it leads to"
        )
    if url.host not in _HOSTS:
        return None
    if match := _POST.fullmatch(url.path):
        return _post(match["name"] or "i", match["id"])
    if (match := _NAME.fullmatch(url.path)) and match[1].lower() not in _RESERVED:
        raise ValueError(f"{text!r} is a profile of X, which has no frame of its own; paste the address of one post")
    return None


def _post(name: str, number: str) -> Frame:
    return Frame(
        src=f"https://platform.x.com/embed/Tweet.html?id={number}&dnt=true",
        link=f"https://x.com/{name}/status/{number}",
        kind="post",
        shape="post",
    )
