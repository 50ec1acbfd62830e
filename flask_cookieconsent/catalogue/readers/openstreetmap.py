"""OpenStreetMap: read the addresses of its pages, and draw the part of the map that they show (Mercator)."""

from __future__ import annotations

import math
import re
from urllib.parse import quote

from flask_cookieconsent.catalogue.kit.pasted import Address, address
from flask_cookieconsent.core.services import Frame

_HOSTS = ("openstreetmap.org", "www.openstreetmap.org", "osm.org", "www.osm.org")
_HOST = "https://www.openstreetmap.org"
_NUMBER = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{1,20})?")
_ZOOM = re.compile(r"[0-9]{1,2}")
_THING = re.compile(r"/(?:node|way|relation)/[0-9]{1,20}(?:/.*)?")
_DEEPEST = 19
# The page writes a letter where the frame has a word; the plain map has none.
_LAYERS = {"Y": "cyclosm", "C": "cyclemap", "T": "transportmap", "H": "hot"}
# The map is a square of 256 pixels at zoom 0, up to the latitude at which it is as high as wide.
_NORTH = 85.05112
# Of this size in pixels a map fits a column of text, and one step closer it no longer does.
_WIDTH, _HEIGHT = 400, 300


def read(text: str) -> Frame | None:
    """Return the part of the map of an address, with a marker where it has one, or None where it is none of its own.

    :raises ValueError: with a hint, if it is a short link, or the page of one thing on the map.
    """
    url = address(text.strip(" "))
    if url is None or url.host not in _HOSTS:
        return None
    if url.path.startswith("/go/"):
        raise ValueError(f"{text!r} is a short link; open it and paste the long address it leads to")
    if url.path == "/export/embed.html":
        lat, _, lon = url.query.get("marker", "").partition(",")
        return _box(url.query.get("bbox", ""), url.query.get("layer", ""), _point(lat, lon))
    letter = (url.fragment.get("layers") or url.query.get("layers") or "")[:1]
    layer = _LAYERS.get(letter, "")
    marker = _point(url.query.get("mlat", ""), url.query.get("mlon", ""))
    if "bbox" in url.query:
        return _box(url.query["bbox"], layer, marker)
    if (frame := _view(url, layer, marker)) is None and _THING.fullmatch(url.path):
        raise ValueError(
            f"{text!r} names no part of the map; open it and paste the address that it then has, with #map="
        )
    return frame


def _view(url: Address, layer: str, marker: tuple[float, float] | None) -> Frame | None:
    zoom, _, rest = url.fragment.get("map", "").partition("/")
    lat, _, lon = rest.partition("/")
    centre = _point(lat, lon)
    if centre is None:
        zoom = url.query.get("zoom", "12")
        centre = _point(url.query.get("lat", ""), url.query.get("lon", "")) or marker
    if centre is None or not _ZOOM.fullmatch(zoom):
        return None
    level = min(int(zoom), _DEEPEST)
    page = f"#map={level}/{_text(centre[0])}/{_text(centre[1])}" + _letter(layer, "&")
    return _frame(_around(centre, level), layer, marker, _query(_marked(marker)) + page)


def _box(text: str, layer: str, marker: tuple[float, float] | None) -> Frame | None:
    if text.count(",") != 3:
        return None
    west, south, east, north = text.split(",")
    low, high = _point(south, west), _point(north, east)
    if low is None or high is None or low[0] >= high[0] or low[1] >= high[1]:
        return None
    box = ",".join(map(_text, (low[1], low[0], high[1], high[0])))
    drawn = layer if layer in _LAYERS.values() else ""
    return _frame(box, drawn, marker, _query(f"bbox={box}", _marked(marker), _letter(drawn, "")))


def _frame(box: str, layer: str, marker: tuple[float, float] | None, page: str) -> Frame:
    pin = f"&marker={quote(','.join(map(_text, marker)), safe='')}" if marker else ""
    return Frame(
        src=f"{_HOST}/export/embed.html?bbox={quote(box, safe='')}&layer={layer or 'mapnik'}{pin}",
        link=f"{_HOST}/{page}",
        kind="map",
        shape="square",
    )


def _around(centre: tuple[float, float], zoom: int) -> str:
    """Return the west, south, east and north of a map at a zoom, in Mercator's projection as its tiles are."""
    turn = 360 / (256 * 2**zoom)
    lat, lon = centre
    height = math.asinh(math.tan(math.radians(lat)))
    reach = math.radians(turn * _HEIGHT / 2)
    south, north = (math.degrees(math.atan(math.sinh(height + offset))) for offset in (-reach, reach))
    west, east = lon - turn * _WIDTH / 2, lon + turn * _WIDTH / 2
    return ",".join(map(_text, (max(west, -180), max(south, -_NORTH), min(east, 180), min(north, _NORTH))))


def _point(lat: str, lon: str) -> tuple[float, float] | None:
    if not _NUMBER.fullmatch(lat) or not _NUMBER.fullmatch(lon):
        return None
    # About a metre, which is all that anybody sees; and what is read again is the same.
    point = (round(float(lat), 5), round(float(lon), 5))
    return point if abs(point[0]) <= _NORTH and abs(point[1]) <= 180 else None


def _text(number: float) -> str:
    # Adding nothing turns the zero below zero into the ordinary one.
    return f"{round(number, 5) + 0.0:.5f}".rstrip("0").rstrip(".")


def _marked(marker: tuple[float, float] | None) -> str:
    return f"mlat={_text(marker[0])}&mlon={_text(marker[1])}" if marker else ""


def _letter(layer: str, joint: str) -> str:
    return next((f"{joint}layers={letter}" for letter, name in _LAYERS.items() if name == layer), "")


def _query(*pairs: str) -> str:
    return "?" + "&".join(filter(None, pairs)) if any(pairs) else ""
