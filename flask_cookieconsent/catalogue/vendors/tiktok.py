"""TikTok: videos in its iframe player; no script of TikTok runs in our pages."""

from __future__ import annotations

import re
from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import address
from flask_cookieconsent.catalogue.kit.providers import TIKTOK
from flask_cookieconsent.core.services import Cookie, Frame, Service

_HOSTS = ("tiktok.com", "www.tiktok.com", "m.tiktok.com")
_SHORT = ("vm.tiktok.com", "vt.tiktok.com")
_PLAYER = "https://www.tiktok.com/player/v1/"
_NUMBER = re.compile(r"[0-9]{15,20}")
_PAGE = re.compile(r"/(?P<page>@[A-Za-z0-9_.]{2,24}/(?:video|photo)/)(?P<video>[0-9]{15,20})/?")
_OTHER = re.compile(r"/(?:player/v1|embed(?:/v[23])?|v)/(?P<video>[0-9]{15,20})(?:\.html)?/?")


def tiktok(*, id: str = "tiktok", category: str = "third_party") -> Service:
    """Return TikTok for `embed()`: one video, or one series of photos."""
    domain = "tiktok.com"
    return Service(
        id=id,
        name="TikTok",
        category=category,
        categories=("third_party", "tracking"),
        purpose="embedded_video",
        provider=TIKTOK,
        cookies=(
            Cookie(name="ttwid", purpose=purposes.RECOGNISES, duration=timedelta(days=365), domain=domain),
            Cookie(name="msToken", purpose=purposes.ADVERTISES, duration=timedelta(days=10), domain=domain),
            Cookie(name="tt_chain_token", purpose=purposes.SESSION, duration=timedelta(days=180), domain=domain),
            Cookie(name="tt_csrf_token", purpose=purposes.FORGERY, domain=domain),
        ),
        hosts={"frame-src": ("https://www.tiktok.com",)},
        parse=_parse,
    )


def _parse(text: str) -> Frame | None:
    plain = text.strip(" ")
    if _NUMBER.fullmatch(plain):
        return _video(plain, _PLAYER)
    url = address(plain)
    if url is None:
        return None
    if url.host in _SHORT or (url.host in _HOSTS and url.path.startswith("/t/")):
        raise ValueError(
            f"{text!r} is a short link, which only TikTok can resolve; open it and paste the long address it leads to"
        )
    if url.host not in _HOSTS:
        return None
    if match := _PAGE.fullmatch(url.path):
        return _video(match["video"], "https://www.tiktok.com/" + match["page"])
    # These name no author, without whom only the player shows it.
    match = _OTHER.fullmatch(url.path)
    return _video(match["video"], _PLAYER) if match else None


def _video(video: str, page: str) -> Frame:
    return Frame(
        src=f"{_PLAYER}{video}?rel=0&controls=1",
        link=page + video,
        kind="video",
        shape="tall",
        allow="fullscreen; encrypted-media",
    )
