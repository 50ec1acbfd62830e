"""Spotify: music and podcasts in its iframe."""

from __future__ import annotations

import re
from datetime import timedelta

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import address, seconds
from flask_cookieconsent.core.services import Cookie, Frame, Provider, Service

_HOST = "https://open.spotify.com"
_TYPES = "track|album|playlist|artist|episode|show"
_URI = re.compile(rf"spotify:({_TYPES}):([A-Za-z0-9]{{22}})")
_PAGE = re.compile(rf"/(?:intl-[a-z]{{2}}(?:-[A-Za-z]{{2}})?/)?(?:embed/)?({_TYPES})/([A-Za-z0-9]{{22}})/?")


def spotify(*, id: str = "spotify", category: str = "third_party") -> Service:
    """Return Spotify for `embed()`: tracks, albums, playlists, artists, and podcasts with their episodes."""
    domain = "spotify.com"
    return Service(
        id=id,
        name="Spotify",
        category=category,
        categories=("third_party", "tracking"),
        purpose="embedded_audio",
        provider=Provider(
            name="Spotify AB", country="SE", privacy_policy="https://www.spotify.com/legal/privacy-policy/"
        ),
        cookies=(
            Cookie(name="sp_t", purpose=purposes.RECOGNISES, duration=timedelta(days=365), domain=domain),
            Cookie(name="sp_landing", purpose=purposes.SESSION, duration=timedelta(days=1), domain=domain),
            Cookie(name="sp_new", purpose=purposes.COUNTS, duration=timedelta(days=1), domain=domain),
            Cookie(name="com.spotify.*", purpose=purposes.SETTINGS, domain="open.spotify.com", storage="local"),
        ),
        hosts={"frame-src": (_HOST,)},
        parse=_parse,
    )


def _parse(text: str) -> Frame | None:
    plain = text.strip(" ")
    if match := _URI.fullmatch(plain):
        return _item(match[1], match[2], 0)
    url = address(plain)
    if url is None:
        return None
    if url.host in ("spotify.link", "spoti.fi"):
        raise ValueError(
            f"{text!r} is a short link, which only Spotify can resolve; open it and paste the long address it leads to"
        )
    match = _PAGE.fullmatch(url.path)
    if match is None or url.host != "open.spotify.com":
        return None
    return _item(match[1], match[2], seconds(url.query.get("t", "")) if match[1] == "episode" else 0)


def _item(kind: str, item: str, start: int) -> Frame:
    time = f"?t={start}" if start else ""
    return Frame(
        src=f"{_HOST}/embed/{kind}/{item}{time}",
        link=f"{_HOST}/{kind}/{item}{time}",
        kind="audio",
        shape="strip" if kind in ("track", "episode") else "player",
        allow="autoplay; clipboard-write; encrypted-media; fullscreen; picture-in-picture",
    )
