"""Vimeo: videos in its iframe player, which is told not to track its viewers (`dnt`)."""

from __future__ import annotations

import re
from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import address, seconds
from flask_cookieconsent.core.services import Cookie, Frame, Provider, Service

_HOSTS = ("vimeo.com", "www.vimeo.com")
_PLAYER = "https://player.vimeo.com"
_NUMBER = re.compile(r"[0-9]{1,12}")
_HASH = re.compile(r"[0-9a-f]{6,20}")
_PAGE = re.compile(
    r"/(?:channels/[\w-]+/|groups/[\w-]+/videos/|(?:album|showcase)/\d+/video/)?"
    r"(?P<video>\d{1,12})(?:/(?P<hash>[0-9a-f]{6,20}))?/?",
    re.A,
)
_FRAME = re.compile(r"/video/(?P<video>[0-9]{1,12})/?")


def vimeo(*, id: str = "vimeo", category: str = "third_party") -> Service:
    """Return Vimeo for `embed()`: public videos, and unlisted ones by the address that shares them."""
    return Service(
        id=id,
        name="Vimeo",
        category=category,
        categories=("third_party", "tracking"),
        purpose="embedded_video",
        provider=Provider(name="Vimeo.com, Inc.", country="US", privacy_policy="https://vimeo.com/privacy"),
        # Its statistics cookie, vuid, is not set where the frame carries dnt=1.
        cookies=(
            Cookie(name="player", purpose=purposes.SETTINGS, duration=timedelta(days=365), domain="vimeo.com"),
            Cookie(name="__cf_bm", purpose=purposes.ROBOTS, duration=timedelta(minutes=30), domain="vimeo.com"),
            Cookie(name="_cfuvid", purpose=purposes.RECOGNISES, domain="vimeo.com"),
            Cookie(name="sync_volume", purpose=purposes.SETTINGS, domain="player.vimeo.com", storage="local"),
            Cookie(name="sync_active", purpose=purposes.SETTINGS, domain="player.vimeo.com", storage="local"),
        ),
        hosts={"frame-src": (_PLAYER,)},
        parse=_parse,
    )


def _parse(text: str) -> Frame | None:
    plain = text.strip(" ")
    if _NUMBER.fullmatch(plain):
        return _video(plain, "", 0)
    url = address(plain)
    if url is None:
        return None
    pattern = _FRAME if url.host == "player.vimeo.com" else _PAGE
    match = pattern.fullmatch(url.path)
    if match is None or url.host not in (*_HOSTS, "player.vimeo.com"):
        return None
    secret = match.groupdict().get("hash") or url.query.get("h", "")
    start = seconds(url.fragment.get("t") or url.query.get("t") or "")
    return _video(match["video"], secret if _HASH.fullmatch(secret) else "", start)


def _video(video: str, secret: str, start: int) -> Frame:
    time = f"#t={start}s" if start else ""
    return Frame(
        src=f"{_PLAYER}/video/{video}?dnt=1" + (f"&h={secret}" if secret else "") + time,
        link=f"https://vimeo.com/{video}" + (f"/{secret}" if secret else "") + time,
        kind="video",
        shape="wide",
        allow="autoplay; fullscreen; picture-in-picture; clipboard-write; encrypted-media; web-share",
    )
