"""Google Maps: read the addresses of maps that Google offers for embedding, of My Maps, and of the Maps Embed API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, unquote_plus, urlencode

from flask_cookieconsent.catalogue.kit.pasted import Address, address
from flask_cookieconsent.core.services import Frame

_HOST = re.compile(r"(?:(?:www|maps)\.)?google\.(?:com|(?:com?\.)?[a-z]{2})")
_ASKING = re.compile(r"consent\.google\.(?:com|(?:com?\.)?[a-z]{2})")
_MAPS = "https://www.google.com/maps"
# Fields of a number, a letter and a value, each behind an exclamation mark.
_PB = re.compile(r"(?:![0-9]{1,3}[a-z][^!]*)+")
_CENTRE = re.compile(r"!2d(-?[0-9]{1,3}(?:\.[0-9]{1,20})?)!3d(-?[0-9]{1,2}(?:\.[0-9]{1,20})?)(?=!|\Z)")
# So long that the link, which may be pasted again, is not longer than an address may be.
_LONGEST = 1_800
_PLACE = re.compile(r"/maps/(?:place|search)/([^/@][^/]*)(?:/.*)?")
_MY_MAP = re.compile(r"/maps/d/(?:u/[0-9]{1,2}/)?(?:embed|viewer|edit)")
_API = re.compile(r"/maps/embed/v1/([a-z]{4,10})")
_KEY = re.compile(r"AIza[0-9A-Za-z_-]{35}")
_POINT = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?,-?[0-9]{1,3}(?:\.[0-9]{1,20})?")
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?")
_WORD = re.compile(r"[a-z_]{1,20}(?:\|[a-z_]{1,20}){0,3}")
_TEXT = re.compile(r"[^\x00-\x1f\x7f]{1,300}")

#: What the query of a map says, by name, and how it is written; whatever else stands there is left out.
_CLASSIC = {
    **{"q": _TEXT, "saddr": _TEXT, "daddr": _TEXT, "cid": re.compile("[0-9]{1,20}"), "ll": _POINT},
    **{"z": re.compile("[0-9]{1,2}"), "t": re.compile("[a-z]"), "hl": re.compile("[a-z]{2}(?:-[A-Za-z]{2,4})?")},
}
_MINE = {"mid": re.compile(r"[A-Za-z0-9_.-]{10,100}"), "ll": _POINT, "z": re.compile("[0-9]{1,2}")}

#: The modes of the Maps Embed API: the page that shows the same, and for each parameter its name there.
_MODES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "place": ("search/?api=1", {"q": "query", "zoom": "zoom", "maptype": "basemap"}),
    "search": ("search/?api=1", {"q": "query", "center": "center", "zoom": "zoom", "maptype": "basemap"}),
    "directions": (
        "dir/?api=1",
        {"origin": "origin", "destination": "destination", "waypoints": "waypoints", "mode": "travelmode"},
    ),
    "view": ("@?api=1&map_action=map", {"center": "center", "zoom": "zoom", "maptype": "basemap"}),
    "streetview": (
        "@?api=1&map_action=pano",
        {"location": "viewpoint", "pano": "pano", "heading": "heading", "pitch": "pitch", "fov": "fov"},
    ),
}
_FORMS = {
    **dict.fromkeys(("q", "origin", "destination", "waypoints"), _TEXT),
    **dict.fromkeys(("center", "location"), _POINT),
    **dict.fromkeys(("zoom", "heading", "pitch", "fov"), _NUMBER),
    **dict.fromkeys(("maptype", "mode"), _WORD),
    "pano": re.compile(r"[\w-]{10,60}", re.A),
}
#: Of each mode, what there has to be one of.
_NEEDED = {"directions": {"destination"}, "view": {"center"}, "streetview": {"location", "pano"}}


def read(text: str, *, api_key: str | None = None) -> Frame | None:
    """Return the map of an address, or None where it is none of Google's.

    With *api_key* the addresses of places have a frame too.

    :raises ValueError: with a hint, if it is a map, and has no frame of its own.
    """
    url = address(text.strip(" "))
    if url is not None and _ASKING.fullmatch(url.host):
        url = address(url.query.get("continue", ""))
    if url is None:
        return None
    if url.host in ("maps.app.goo.gl", "g.page") or (url.host == "goo.gl" and url.path.startswith("/maps/")):
        raise ValueError(
            f"{text!r} is a short link, which only Google can resolve; "
            "open it and paste the address in the code under Share, Embed a map"
        )
    if not _HOST.fullmatch(url.host) or not _is_map(url):
        return None
    frame = _offered(url.query.get("pb", "")) or _my_map(url) or _classic(url) or _of_api(url, api_key)
    if frame := frame or (_place(url, api_key) if api_key else None):
        return frame
    raise ValueError(
        f"{text!r} is a page of Google Maps, which has no frame of its own; "
        "paste the address in the code under Share, Embed a map"
    )


def _is_map(url: Address) -> bool:
    return url.host.startswith("maps.") or url.path == "/maps" or url.path.startswith("/maps/")


def _offered(pb: str) -> Frame | None:
    """Return the map that Google describes in its own way: read for its form, and its centre where it has one."""
    value = quote(pb, safe="!:,*")
    if not pb.isprintable() or not _PB.fullmatch(pb) or not 20 <= len(value) <= _LONGEST:
        return None
    centre = _CENTRE.search(pb)
    # Google shows the frame's own address only inside a frame, so that the link leads to the same place.
    view = f"api=1&map_action=map&center={centre[2]},{centre[1]}&" if centre else ""
    return _frame(f"/embed?pb={value}", f"/@?{view}pb={value}")


def _my_map(url: Address) -> Frame | None:
    """Return a map that somebody made and shared."""
    found = _known(url.query, _MINE) if _MY_MAP.fullmatch(url.path) else {}
    return _frame(f"/d/embed?{_query(found)}", f"/d/viewer?{_query(found)}") if "mid" in found else None


def _classic(url: Address) -> Frame | None:
    """Return the map that needs no key: an ordinary address with `output=embed`, or the link of such a frame."""
    if url.query.get("output") != "embed" and url.query.get("embed") != "1":
        return None
    found = _known(url.query, _CLASSIC)
    if not found.keys() & {"q", "daddr", "cid", "ll"}:
        return None
    return _frame(f"?{_query(found)}&output=embed", f"?{_query(found)}&embed=1")


def _of_api(url: Address, api_key: str | None) -> Frame | None:
    """Return a map of the Maps Embed API, by the owner's key or the one in the address; its link says which mode."""
    match = _API.fullmatch(url.path)
    mode = match[1] if match else url.query.get("v1", "")
    own = url.query.get("key", "")
    key = api_key or (own if _KEY.fullmatch(own) else "")
    if mode not in _MODES or not key:
        return None
    page, names = _MODES[mode]
    given = {name: url.query.get(name if match else there, "") for name, there in names.items()}
    found = _known(given, _FORMS)
    if not found.keys() & _NEEDED.get(mode, {"q"}):
        return None
    link = {names[name]: value for name, value in found.items()}
    # A place that the owner's key shows needs neither to be read again.
    named = (
        {} if mode == "place" and api_key and set(found) == {"q"} else {"v1": mode} | ({} if api_key else {"key": key})
    )
    return _frame(f"/embed/v1/{mode}?key={key}&{_query(found)}", f"/{page}&{_query(link | named)}")


def _place(url: Address, api_key: str) -> Frame | None:
    match = _PLACE.fullmatch(url.path)
    named = unquote_plus(match[1]) if match else url.query.get("query") or url.query.get("q") or ""
    place = _known({"q": named.strip()}, _CLASSIC)
    if not place:
        return None
    value = quote(place["q"], safe="")
    return _frame(f"/embed/v1/place?key={api_key}&q={value}", f"/search/?api=1&query={value}")


def _known(query: Mapping[str, str], forms: Mapping[str, re.Pattern[str]]) -> dict[str, str]:
    """Return the values of a query that have their form, in the order of the forms."""
    found = {name: query.get(name, "").strip() for name in forms}
    return {name: value for name, value in found.items() if value.isprintable() and forms[name].fullmatch(value)}


def _query(values: Mapping[str, str]) -> str:
    return urlencode(values, quote_via=quote, safe="")


def _frame(src: str, link: str) -> Frame | None:
    """Return a map by what follows the address of all maps, unless its link would be too long to be pasted."""
    if len(link) > _LONGEST + 120:
        return None
    return Frame(src=_MAPS + src, link=_MAPS + link, kind="map", shape="square")
