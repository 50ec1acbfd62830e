"""SoundCloud: tracks and sets in its iframe player."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import quote

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import Address, address, seconds
from flask_cookieconsent.core.services import Cookie, Frame, Provider, Service

_HOSTS = ("soundcloud.com", "www.soundcloud.com", "m.soundcloud.com")
_PLAYER = "https://w.soundcloud.com"
_OPTIONS = (
    "auto_play=false&hide_related=true&show_comments=false&show_user=true&show_reposts=false&show_teaser=false"
    "&visual=false"
)
# The last part opens what its author shares with those who have the address.
_PAGE = re.compile(
    r"/(?P<user>[A-Za-z0-9_-]{1,100})/(?P<sets>sets/)?(?P<name>[A-Za-z0-9_-]{1,200})(?:/s-[A-Za-z0-9]{4,40})?/?"
)
# How the player's own embed code names them, by number, lately behind a word.
_NUMBERED = re.compile(
    r"/(tracks|playlists)/(?:soundcloud(?::|%3A)(?:tracks|playlists)(?::|%3A))?([0-9]{1,20})/?", re.I
)
# Pages of SoundCloud's own, and lists of somebody that it has no player for.
_RESERVED = frozenset(("charts", "discover", "pages", "people", "search", "settings", "stations", "tags", "you"))
_LISTS = frozenset(
    ("albums", "comments", "followers", "following", "likes", "popular-tracks", "reposts", "sets", "tracks")
)
# Beyond it the minutes would have more digits than are read.
_LONGEST = 60_000


def soundcloud(*, id: str = "soundcloud", category: str = "third_party") -> Service:
    """Return SoundCloud for `embed()`: one track or set."""
    return Service(
        id=id,
        name="SoundCloud",
        category=category,
        categories=("third_party", "tracking"),
        purpose="embedded_audio",
        provider=Provider(
            name="SoundCloud Global Limited & Co. KG",
            country="DE",
            privacy_policy="https://soundcloud.com/pages/privacy",
        ),
        cookies=(
            Cookie(
                name="sc_anonymous_id",
                purpose=purposes.RECOGNISES,
                duration=timedelta(days=400),
                domain="soundcloud.com",
            ),
            Cookie(name="sclocale", purpose=purposes.LANGUAGE, duration=timedelta(days=365), domain="soundcloud.com"),
            Cookie(name="WIDGET::local::*", purpose=purposes.SETTINGS, domain="w.soundcloud.com", storage="local"),
        ),
        hosts={"frame-src": (_PLAYER,)},
        parse=_parse,
    )


def _parse(text: str) -> Frame | None:
    url = address(text.strip(" "))
    if url is None:
        return None
    if url.host in ("on.soundcloud.com", "snd.sc"):
        raise ValueError(
            f"{text!r} is a short link, which only SoundCloud can resolve; "
            "open it and paste the long address it leads to"
        )
    if url.host == "w.soundcloud.com":
        url = address(url.query.get("url", "")) if url.path in ("/player", "/player/") else None
    if url is None:
        return None
    if url.host == "api.soundcloud.com":
        return _numbered(url.path)
    return _page(url) if url.host in _HOSTS else None


def _page(url: Address) -> Frame | None:
    match = _PAGE.fullmatch(url.path)
    if match is None or match["user"].lower() in _RESERVED or (not match["sets"] and match["name"] in _LISTS):
        return None
    start = seconds(url.fragment.get("t") or url.query.get("t") or "")
    time = f"#t={start // 60}m{start % 60}s" if 0 < start < _LONGEST else ""
    page = "https://soundcloud.com" + url.path.rstrip("/") + time
    return _frame(page, page, many=bool(match["sets"]))


def _numbered(path: str) -> Frame | None:
    match = _NUMBERED.fullmatch(path)
    if match is None:
        return None
    kind = match[1].lower()
    content = f"https://api.soundcloud.com/{kind}/{match[2]}"
    # A number has no page that anybody may see, but its player may be opened by itself.
    return _frame(content, f"{_PLAYER}/player/?url={quote(content, safe='')}", many=kind == "playlists")


def _frame(content: str, link: str, *, many: bool) -> Frame:
    return Frame(
        src=f"{_PLAYER}/player/?url={quote(content, safe='')}&{_OPTIONS}",
        link=link,
        kind="audio",
        shape="player" if many else "strip",
        allow="autoplay; encrypted-media",
    )
