"""Dailymotion: videos and playlists in an iframe, by the player that the owner has set up there."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import address, seconds
from flask_cookieconsent.core.services import Cookie, Frame, Provider, Service

_HOSTS = ("dailymotion.com", "www.dailymotion.com")
_PLAYER = "https://geo.dailymotion.com"
_ID = re.compile(r"[A-Za-z0-9]{5,24}")
# What follows the id is the title.
_VIDEO = re.compile(r"/(?:embed/)?video/([A-Za-z0-9]{5,24})(?:_[^/]*)?/?")
_PLAYLIST = re.compile(r"/playlist/([A-Za-z0-9]{5,24})(?:_[^/]*)?/?")


def dailymotion(player_id: str, *, id: str = "dailymotion", category: str = "third_party") -> Service:
    """Return Dailymotion for `embed()`: videos and playlists, in the player of this id.

    :raises ValueError: if it is no player id of Dailymotion Studio.
    """
    if not re.fullmatch(r"[a-z0-9]{3,12}", str(player_id)):
        raise ValueError(f"player_id: found {player_id!r}, wanted one such as 'x8tlb'")
    thirteen_months = timedelta(days=395)
    return Service(
        id=id,
        name="Dailymotion",
        category=category,
        categories=("third_party", "tracking"),
        purpose="embedded_video",
        provider=Provider(
            name="Dailymotion SA", country="FR", privacy_policy="https://legal.dailymotion.com/en/privacy-policy/"
        ),
        cookies=tuple(
            Cookie(name=name, purpose=purpose, duration=duration, domain="dailymotion.com")
            for name, purpose, duration in (
                ("ts", purposes.COUNTS, thirteen_months),
                ("v1st", purposes.RECOGNISES, thirteen_months),
                ("dmvk", purposes.FORGERY, None),
                ("usprivacy", purposes.PRIVACY, thirteen_months),
                ("dm-euconsent-v2", purposes.PRIVACY, thirteen_months),
            )
        ),
        hosts={"frame-src": (_PLAYER,)},
        parse=partial(_parse, str(player_id)),
    )


def _parse(player: str, text: str) -> Frame | None:
    plain = text.strip(" ")
    if _ID.fullmatch(plain):
        return _video(player, plain, 0)
    url = address(plain)
    if url is None:
        return None
    start = seconds(url.query.get("start") or url.query.get("startTime") or "")
    if url.host == "geo.dailymotion.com" and re.fullmatch(r"/player(?:/[a-z0-9]+)?\.html", url.path):
        video, playlist = url.query.get("video", ""), url.query.get("playlist", "")
        if _ID.fullmatch(video):
            return _video(player, video, start)
        return _playlist(player, playlist) if _ID.fullmatch(playlist) else None
    path = "/video" + url.path if url.host == "dai.ly" else url.path
    if url.host not in (*_HOSTS, "dai.ly"):
        return None
    if match := _VIDEO.fullmatch(path):
        return _video(player, match[1], start)
    match = _PLAYLIST.fullmatch(path)
    return _playlist(player, match[1]) if match else None


def _video(player: str, video: str, start: int) -> Frame:
    return _frame(
        f"{_PLAYER}/player/{player}.html?video={video}" + (f"&startTime={start}" if start else ""),
        f"https://www.dailymotion.com/video/{video}" + (f"?start={start}" if start else ""),
    )


def _playlist(player: str, playlist: str) -> Frame:
    return _frame(
        f"{_PLAYER}/player/{player}.html?playlist={playlist}", f"https://www.dailymotion.com/playlist/{playlist}"
    )


def _frame(src: str, link: str) -> Frame:
    return Frame(
        src=src,
        link=link,
        kind="video",
        shape="wide",
        allow="autoplay; fullscreen; picture-in-picture; web-share",
    )
