"""Google Maps: embedded maps in an iframe, and places for owners who have an API key."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial
from urllib.parse import quote, unquote_plus

from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.pasted import Address, address
from flask_cookieconsent.catalogue.kit.providers import GOOGLE
from flask_cookieconsent.core.services import Cookie, Frame, Service

_HOST = re.compile(r"(?:(?:www|maps)\.)?google\.(?:com|(?:com?\.)?[a-z]{2})")
_MAPS = "https://www.google.com/maps"
# Fields of a number, a letter and a value, each behind an exclamation mark.
_PB = re.compile(r"(?:![0-9]{1,3}[a-z][^!]*)+")
_CENTRE = re.compile(r"!2d(-?[0-9]{1,3}(?:\.[0-9]{1,20})?)!3d(-?[0-9]{1,2}(?:\.[0-9]{1,20})?)(?=!|\Z)")
# So long that the link, which may be pasted again, is not longer than an address may be.
_LONGEST_PB = 1_800
_PLACE = re.compile(r"/maps/(?:place|search)/([^/@][^/]*)(?:/.*)?")


def google_maps(api_key: str | None = None, *, id: str = "google_maps", category: str = "third_party") -> Service:
    """Return Google Maps for `embed()`: maps by the address that Google offers for embedding.

    With *api_key*, a key of the Maps Embed API that is restricted to this site, the addresses of places too.

    :raises ValueError: if it is no API key.
    """
    if api_key is not None and not re.fullmatch(r"AIza[0-9A-Za-z_-]{35}", str(api_key)):
        raise ValueError(f"api_key: found {api_key!r}, wanted one such as 'AIzaSyA0123456789abcdefghijklmnopqrstuv'")
    domain = "google.com"
    return Service(
        id=id,
        name="Google Maps",
        category=category,
        categories=("third_party", "functionality", "tracking"),
        purpose="embedded_map",
        provider=GOOGLE,
        cookies=(
            Cookie(name="NID", purpose=purposes.ADVERTISES, duration=timedelta(days=183), domain=domain),
            Cookie(name="AEC", purpose=purposes.FORGERY, duration=timedelta(days=183), domain=domain),
            Cookie(name="SOCS", purpose=purposes.PRIVACY, duration=timedelta(days=395), domain=domain),
            Cookie(name="__Secure-ENID", purpose=purposes.SETTINGS, duration=timedelta(days=395), domain=domain),
        ),
        hosts={"frame-src": ("https://www.google.com",)},
        parse=partial(_parse, api_key),
    )


def _parse(api_key: str | None, text: str) -> Frame | None:
    url = address(text.strip(" "))
    if url is None:
        return None
    if url.host == "maps.app.goo.gl" or (url.host == "goo.gl" and url.path.startswith("/maps/")):
        raise ValueError(
            f"{text!r} is a short link, which only Google can resolve; "
            "open it and paste the address in the code under Share, Embed a map"
        )
    if not _HOST.fullmatch(url.host) or not _is_map(url):
        return None
    if frame := _offered(url.query.get("pb", "")) or (_place(url, api_key) if api_key else None):
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
    if not pb.isprintable() or not _PB.fullmatch(pb) or not 20 <= len(value) <= _LONGEST_PB:
        return None
    centre = _CENTRE.search(pb)
    # Google shows the frame's own address only inside a frame, so that the link leads to the same place.
    view = f"api=1&map_action=map&center={centre[2]},{centre[1]}&" if centre else ""
    return Frame(src=f"{_MAPS}/embed?pb={value}", link=f"{_MAPS}/@?{view}pb={value}", kind="map", shape="square")


def _place(url: Address, api_key: str) -> Frame | None:
    match = _PLACE.fullmatch(url.path)
    named = unquote_plus(match[1]) if match else url.query.get("query") or url.query.get("q") or ""
    place = named.strip()
    if not 1 <= len(place) <= 300 or not place.isprintable():
        return None
    value = quote(place, safe="")
    return Frame(
        src=f"{_MAPS}/embed/v1/place?key={api_key}&q={value}",
        link=f"{_MAPS}/search/?api=1&query={value}",
        kind="map",
        shape="square",
    )
