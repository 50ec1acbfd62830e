"""YouTube: videos in an iframe, from its host that sets no cookie before play; that host is Google's all the same."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import address, seconds
from flask_cookieconsent.catalogue.kit.providers import GOOGLE
from flask_cookieconsent.core.services import Cookie, Frame, Service

_HOSTS = ("youtube.com", "www.youtube.com", "m.youtube.com", "music.youtube.com", "www.youtube-nocookie.com")
_NOCOOKIE = "https://www.youtube-nocookie.com"
_ALLOW = "accelerometer; autoplay; clipboard-write; encrypted-media; gyroscope; picture-in-picture; web-share"
# The two words have eleven letters, like a video; they lead to a list and to whatever a channel sends.
_VIDEO = r"(?!(?:videoseries|live_stream)(?:/|\Z))[A-Za-z0-9_-]{11}"
_PLAYLIST = re.compile(r"[A-Za-z0-9_-]{12,64}")


def youtube(*, id: str = "youtube", category: str = "third_party") -> Service:
    """Return YouTube for `embed()`: videos, shorts, live streams and playlists."""
    half_a_year = timedelta(days=180)
    return Service(
        id=id,
        name="YouTube",
        category=category,
        categories=("third_party", "tracking"),
        purpose="embedded_video",
        provider=GOOGLE,
        cookies=(
            Cookie(
                name="VISITOR_INFO1_LIVE",
                purpose=purposes.CONNECTION,
                duration=half_a_year,
                domain="youtube.com",
            ),
            Cookie(
                name="VISITOR_PRIVACY_METADATA",
                purpose=purposes.PRIVACY,
                duration=half_a_year,
                domain="youtube.com",
            ),
            Cookie(name="YSC", purpose=purposes.VIEWS, domain="youtube.com"),
            Cookie(
                name="__Secure-ROLLOUT_TOKEN", purpose=purposes.RECOGNISES, duration=half_a_year, domain="youtube.com"
            ),
            # This host sets no cookie before play, but its player keeps these from the start.
            Cookie(name="yt-*", purpose=purposes.RECOGNISES, domain="youtube-nocookie.com", storage="local"),
        ),
        hosts={"frame-src": (_NOCOOKIE,)},
        parse=_parse,
    )


def _parse(text: str) -> Frame | None:
    plain = text.strip(" ")
    if re.fullmatch(_VIDEO, plain):
        return _video(plain, {})
    url = address(plain)
    if url is None:
        return None
    if url.host == "youtu.be":
        match = re.fullmatch(rf"/({_VIDEO})/?", url.path)
        return _video(match[1], url.query) if match else None
    if url.host not in (*_HOSTS, "youtube-nocookie.com"):
        return None
    if url.path == "/watch":
        video = url.query.get("v", "")
        return _video(video, url.query) if re.fullmatch(_VIDEO, video) else None
    if url.path in ("/playlist", "/embed/videoseries"):
        return _playlist(url.query.get("list", ""))
    match = re.fullmatch(rf"/(shorts|live|embed|v)/({_VIDEO})/?", url.path)
    return _video(match[2], url.query, tall=match[1] == "shorts") if match else None


def _video(video: str, query: Mapping[str, str], *, tall: bool = False) -> Frame:
    start = seconds(query.get("t") or query.get("start") or "")
    playlist = query.get("list", "")
    in_list = {"list": playlist} if _PLAYLIST.fullmatch(playlist) else {}
    options = {"rel": "0", "playsinline": "1"} | ({"start": str(start)} if start else {}) | in_list
    page = in_list | ({"t": f"{start}s"} if start else {})
    path = f"/shorts/{video}" if tall else f"/watch?v={video}"
    joint = "?" if tall else "&"
    return Frame(
        src=f"{_NOCOOKIE}/embed/{video}?{urlencode(options)}",
        link=f"https://www.youtube.com{path}" + (joint + urlencode(page) if page else ""),
        kind="video",
        shape="tall" if tall else "wide",
        allow=_ALLOW,
    )


def _playlist(playlist: str) -> Frame | None:
    if not _PLAYLIST.fullmatch(playlist):
        return None
    return Frame(
        src=f"{_NOCOOKIE}/embed/videoseries?{urlencode({'list': playlist, 'rel': '0', 'playsinline': '1'})}",
        link=f"https://www.youtube.com/playlist?list={playlist}",
        kind="video",
        shape="wide",
        allow=_ALLOW,
    )
