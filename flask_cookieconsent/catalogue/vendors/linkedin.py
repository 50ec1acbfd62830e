"""LinkedIn: posts in an iframe."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import unquote

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import address
from flask_cookieconsent.catalogue.kit.providers import LINKEDIN
from flask_cookieconsent.core.services import Cookie, Frame, Service

_HOST = re.compile(r"(?:[a-z]{2,3}\.)?linkedin\.com")
_URN = re.compile(r"urn:li:(?:activity|share|ugcPost):[0-9]{10,25}")
_UPDATE = re.compile(r"/(?:embed/)?feed/update/([^/]+)/?")
_POSTS = re.compile(r"/posts/[^/]*?-(activity|share|ugcPost)-([0-9]{10,25})(?:-[A-Za-z0-9_-]{2,8})?/?")


def linkedin(*, id: str = "linkedin", category: str = "third_party") -> Service:
    """Return LinkedIn for `embed()`: one public post."""
    year = timedelta(days=365)
    return Service(
        id=id,
        name="LinkedIn",
        category=category,
        categories=("third_party", "tracking"),
        purpose="embedded_post",
        provider=LINKEDIN,
        cookies=(
            Cookie(name="bcookie", purpose=purposes.RECOGNISES, duration=year, domain="linkedin.com"),
            Cookie(name="bscookie", purpose=purposes.RECOGNISES, duration=year, domain="www.linkedin.com"),
            Cookie(
                name="lidc",
                purpose=purposes.DATA_CENTRE,
                duration=timedelta(days=1),
                domain="linkedin.com",
            ),
            Cookie(name="lang", purpose=purposes.LANGUAGE, domain="linkedin.com"),
            Cookie(
                name="li_gc",
                purpose=purposes.PRIVACY,
                duration=timedelta(days=180),
                domain="linkedin.com",
            ),
        ),
        hosts={"frame-src": ("https://www.linkedin.com",)},
        parse=_parse,
    )


def _parse(text: str) -> Frame | None:
    plain = text.strip(" ")
    if _URN.fullmatch(plain):
        return _post(plain)
    url = address(plain)
    if url is None:
        return None
    if url.host == "lnkd.in":
        raise ValueError(
            f"{text!r} is a short link, which only LinkedIn can resolve; open it and paste the long address it leads to"
        )
    if not _HOST.fullmatch(url.host):
        return None
    if match := _UPDATE.fullmatch(url.path):
        urn = unquote(match[1])
        return _post(urn) if _URN.fullmatch(urn) else None
    if match := _POSTS.fullmatch(url.path):
        return _post(f"urn:li:{match[1]}:{match[2]}")
    return None


def _post(urn: str) -> Frame:
    return Frame(
        src=f"https://www.linkedin.com/embed/feed/update/{urn}",
        link=f"https://www.linkedin.com/feed/update/{urn}/",
        kind="post",
        shape="post",
    )
