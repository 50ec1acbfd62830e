"""Framed embeds: what they look like and where their links lead, maps by an owner's key, and parts of a map."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.catalogue import calendly, dailymotion, google_maps
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.services import Frame, Service
from flask_cookieconsent.errors import RegistryError
from tests.kit.samples import SAMPLES, refusal

KEY = "AIzaSyA0123456789abcdefghijklmnopqrstuv"
NAMES = (
    *("calendly", "dailymotion", "facebook", "google_maps", "instagram", "linkedin", "openstreetmap", "soundcloud"),
    *("spotify", "tiktok", "vimeo", "x", "youtube"),
)
FRAMED = [each.service for each in SAMPLES if each.service.id in NAMES]
SERVICES = {service.id: service for service in (*FRAMED, google_maps(KEY, id="keyed"))}
VIDEO, TRACK, PLAYLIST = "6718335390845095173", "2qToAcex0ruZfbEbAy9OhW", "PLSL0f2Dh_snCsLgQ3J319RYQyctRlfJFc"
PB = "!1m18!1m12!1m3!1d2483.5!2d-0.12!3d51.5!2m3!1f0!2f0!3f0"
MAPS = "https://www.google.com/maps"
OSM = "https://www.openstreetmap.org"


def parse(service: str, text: str) -> Frame | None:
    """Give a service what an editor pasted."""
    read = SERVICES[service].parse
    assert read is not None
    frame = read(text)
    assert frame is None or isinstance(frame, Frame)
    return frame


def frame_of(service: str, text: str) -> Frame:
    """Return the frame of what an editor pasted, which has to be the same for the link that it has."""
    frame = parse(service, text)
    assert frame is not None, text
    assert parse(service, frame.link) == frame
    return frame


LOOKS = [
    ("youtube", "youtu.be/aqz-KE-bpKQ?t=90", "www.youtube.com/watch?v=aqz-KE-bpKQ&t=90s", "video wide"),
    ("youtube", "www.youtube.com/shorts/a12CpYea0i4", "www.youtube.com/shorts/a12CpYea0i4", "video tall"),
    ("youtube", f"www.youtube.com/watch?list={PLAYLIST}", f"www.youtube.com/playlist?list={PLAYLIST}", "video wide"),
    ("vimeo", "vimeo.com/791813674/2c9cfc5030#t=1m30s", "vimeo.com/791813674/2c9cfc5030#t=90s", "video wide"),
    ("vimeo", "vimeo.com/showcase/12/video/34?t=5&h=zz", "vimeo.com/34#t=5s", "video wide"),
    ("vimeo", "vimeo.com/event/12/embed/2c9cfc5030", "vimeo.com/event/12/2c9cfc5030", "video wide"),
    ("vimeo", "vimeo.com/album/12/embed", "vimeo.com/showcase/12", "video wide"),
    ("dailymotion", "dai.ly/x84sh87?start=9", "www.dailymotion.com/video/x84sh87?start=9", "video wide"),
    ("facebook", "m.facebook.com/ecom/posts/1?ref=x", "www.facebook.com/ecom/posts/1", "post post"),
    ("facebook", "www.facebook.com/video.php?v=12", "www.facebook.com/watch/?v=12", "video wide"),
    ("facebook", "www.facebook.com/reels/12/?s=x", "www.facebook.com/reel/12", "video tall"),
    ("facebook", "fb.com/CDC", "www.facebook.com/CDC", "page page"),
    ("facebook", "www.facebook.com/p/Ecom-1000/", "www.facebook.com/profile.php?id=1000", "page page"),
    ("x", "twitter.com/Interior/status/46344?s=20", "x.com/Interior/status/46344", "post post"),
    ("x", "x.com/i/web/status/46344/photo/1", "x.com/i/status/46344", "post post"),
    (
        "linkedin",
        f"de.linkedin.com/posts/activity-{VIDEO}-AbCd",
        f"www.linkedin.com/feed/update/urn:li:activity:{VIDEO}/",
        "post post",
    ),
    ("instagram", "instagr.am/nasa/reels/C1abc_d-e", "www.instagram.com/reel/C1abc_d-e/", "post long"),
    ("tiktok", f"m.tiktok.com/@scout2015/photo/{VIDEO}", f"www.tiktok.com/@scout2015/photo/{VIDEO}", "video tall"),
    ("tiktok", f"m.tiktok.com/v/{VIDEO}.html", f"www.tiktok.com/player/v1/{VIDEO}", "video tall"),
    ("spotify", f"open.spotify.com/intl-de/track/{TRACK}?si=1", f"open.spotify.com/track/{TRACK}", "audio strip"),
    ("spotify", f"open.spotify.com/episode/{TRACK}?t=9", f"open.spotify.com/episode/{TRACK}?t=9", "audio strip"),
    ("spotify", f"open.spotify.com/album/{TRACK}", f"open.spotify.com/album/{TRACK}", "audio player"),
    (
        "spotify",
        f"open.spotify.com/embed/episode/{TRACK}/video",
        f"open.spotify.com/embed/episode/{TRACK}/video",
        "video wide",
    ),
    ("soundcloud", "soundcloud.com/forss/a?in=x&si=1#t=1%3A23", "soundcloud.com/forss/a#t=1m23s", "audio strip"),
    ("soundcloud", "m.soundcloud.com/forss/sets/soulhack/", "soundcloud.com/forss/sets/soulhack", "audio player"),
    (
        "soundcloud",
        "w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/playlists/12%3Fsecret_token%3Ds-AbCd",
        "w.soundcloud.com/player/?url=https%3A%2F%2Fapi.soundcloud.com%2Fplaylists%2F12%3Fsecret_token%3Ds-AbCd",
        "audio player",
    ),
    # Google shows the address of the frame in frames only.
    (
        "google_maps",
        f"www.google.com/maps/embed?pb={PB}",
        f"www.google.com/maps/@?api=1&map_action=map&center=51.5,-0.12&pb={PB}",
        "map square",
    ),
    (
        "google_maps",
        "maps.google.com/maps?output=embed&q=Gent&z=9",
        "www.google.com/maps?q=Gent&z=9&embed=1",
        "map square",
    ),
    ("openstreetmap", "osm.org/node/12#map=12/51.500/-0.1", "www.openstreetmap.org/#map=12/51.5/-0.1", "map square"),
    (
        "openstreetmap",
        "www.openstreetmap.org/export/embed.html?bbox=-0.15%2C51.49%2C-0.12%2C51.51&layer=hot&marker=51.5%2C-0.13",
        "www.openstreetmap.org/?bbox=-0.15,51.49,-0.12,51.51&mlat=51.5&mlon=-0.13&layers=H",
        "map square",
    ),
    ("calendly", "calendly.com/example/30min/?month=2026-11", "calendly.com/example/30min", "calendar long"),
]


@pytest.mark.parametrize(("service", "text", "link", "look"), LOOKS)
def test_look(service: str, text: str, link: str, look: str) -> None:
    """A9: the page that shows the same, the word for it, and the space that is kept free."""
    frame = frame_of(service, f"https://{text}")

    assert (frame.link, f"{frame.kind} {frame.shape}") == (f"https://{link}", look)


def test_personal_data_is_left_out() -> None:
    """What Calendly would fill into its form stays with whoever pasted it."""
    frame = frame_of("calendly", "https://calendly.com/example/30min?name=Ada&email=ada%40example.com&a1=1&utm_term=x")

    assert not re.search("name|Ada|email|a1", frame.src + frame.link)
    assert frame.link.endswith("?utm_term=x")


def test_page_shows_no_faces() -> None:
    """The page plugin would show a visitor's friends, which nobody asked for (GDPR article 25)."""
    assert "show_facepile=false" in frame_of("facebook", "https://www.facebook.com/facebook").src


def test_both_hosts_of_x_may_be_framed() -> None:
    assert SERVICES["x"].hosts["frame-src"] == ("https://platform.x.com", "https://platform.twitter.com")


# -- maps by a key -----------------------------------------------------------------------------------------------------

GRAND_PLACE = "Grand%20Place%2C%20Br%C3%BCssel"


@pytest.mark.parametrize(
    "address",
    [
        f"{MAPS}/place/Grand+Place,+Br%C3%BCssel/@50.8,4.35,17z/data=!3m1!4b1?entry=ttu",
        f"{MAPS}/place/Grand+Place,+Brüssel/@50.8,4.35,17z",
        f"{MAPS}/search/?api=1&query=Grand+Place%2C+Br%C3%BCssel",
        "https://maps.google.co.uk/?q=Grand%20Place,%20Br%C3%BCssel&z=3",
        f"{MAPS}/embed/v1/place?key={KEY[::-1]}&q=Grand+Place,+Br%C3%BCssel",
        f"{MAPS}/embed/v1/place?key={KEY[:-1]}X&q=Grand+Place,+Br%C3%BCssel",
    ],
)
def test_owners_key(address: str) -> None:
    """A place is shown by the owner's key, whichever the address has; the link is without it."""
    frame = frame_of("keyed", address)

    assert frame.src == f"{MAPS}/embed/v1/place?key={KEY}&q={GRAND_PLACE}"
    assert frame.link == f"{MAPS}/search/?api=1&query={GRAND_PLACE}"


@pytest.mark.parametrize("key", ["", "AIza", KEY + "x", KEY[:-1] + "%22", KEY[1:]])
def test_key_of_an_address(key: str) -> None:
    """Without one of the owner's it is the one in the address, if it is one at all."""
    with pytest.raises(ValueError, match="has no frame of its own"):
        parse("google_maps", f"{MAPS}/embed/v1/place?key={key}&q=Paris")


def test_modes_by_the_owners_key() -> None:
    frame = frame_of("keyed", f"{MAPS}/embed/v1/view?key=none&center=50.8,4.35&zoom=9")

    assert frame.src == f"{MAPS}/embed/v1/view?key={KEY}&center=50.8%2C4.35&zoom=9"
    assert KEY not in frame.link


@pytest.mark.parametrize(
    ("service", "rest"),
    [
        *(("keyed", rest) for rest in ("", "/@50.8,4.3,17z", "/dir/A/B", "?q=%0A%00", "?q=" + "a" * 301)),
        *(("keyed", f"/embed/v1/{rest}") for rest in ("view?center=50", "streetview?fov=9", "directions?origin=Gent")),
        ("google_maps", f"/embed?pb={PB}!2s" + "%22" * 600),
        ("google_maps", "?output=embed&saddr={0}&daddr={0}".format("%C3%A9" * 160)),
    ],
)
def test_map_without_a_frame(service: str, rest: str) -> None:
    """A9: the hint says where Google's frames are found."""
    with pytest.raises(ValueError, match=r"has no frame of its own; paste the address in the code under Share"):
        parse(service, MAPS + rest)


def test_a_key_is_needed_for_places_only() -> None:
    """The map that Google offers for embedding is the same with a key and without."""
    address = f"{MAPS}/embed?pb={PB}"

    assert parse("google_maps", address) == parse("keyed", address)
    assert KEY not in str(parse("keyed", address))


# -- the factories -----------------------------------------------------------------------------------------------------

FACTORIES: list[tuple[Callable[[Any], Service], str, str]] = [
    (dailymotion, "player_id", "x8tlb"),
    (google_maps, "api_key", KEY),
    (calendly, "site", "www.ecom.example:5000"),
]
BAD = [
    "",
    "\n",
    "x8tlb\n",
    f"{KEY}\n",
    "a.example\n",
    "a b",
    'a"b',
    "a;b",
    "a/b",
    "a?b=c",
    "a&b",
    "../a",
    "\u0661" * 5,
    -1,
]


@pytest.mark.parametrize(("factory", "name", "good"), FACTORIES)
def test_parameter(factory: Callable[[Any], Service], name: str, good: str) -> None:
    """What the owner gives is checked once, at start-up, and the message shows one that is right."""
    assert refusal(factory, good) == ""
    messages = {repr(bad): refusal(factory, bad) for bad in BAD}
    assert {
        bad: message
        for bad, message in messages.items()
        if not re.match(rf"{name}: found {re.escape(bad)}, wanted .*such as '", message)
    } == {}


@pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
def test_category(service: Service) -> None:
    """C1: stricter is always allowed; only maps and calendars may be filed as something the visitor asked for."""
    chosen = {"google_maps", "keyed", "openstreetmap", "calendly"}

    assert ("functionality" in service.categories) == (service.id in chosen)
    assert {"third_party", "tracking"} <= set(service.categories)
    with pytest.raises(RegistryError, match="does not fit what it does"):
        build([replace(service, category="performance")])


@given(lat=st.floats(-85, 85, allow_nan=False), lon=st.floats(-179, 179, allow_nan=False), zoom=st.integers(0, 25))
def test_part_of_a_map(lat: float, lon: float, zoom: int) -> None:
    """The part that is shown holds the centre, is cut at the edges of the map, and half as wide one step closer."""
    text = f"{OSM}/#map={zoom}/{lat:.5f}/{lon:.5f}"
    west, south, east, north = map(
        float, parse_qs(urlsplit(frame_of("openstreetmap", text).src).query)["bbox"][0].split(",")
    )

    assert -180 <= west <= round(lon, 5) <= east <= 180
    assert -85.06 <= south <= round(lat, 5) <= north <= 85.06
    assert west < east
    assert south < north
    assert east - west == pytest.approx(min(562.5 / 2 ** min(zoom, 19), 360), abs=2e-5) or {west, east} & {-180, 180}


def test_part_of_a_map_has_the_shape_of_its_space() -> None:
    """It is four to three on the screen: in the north as many degrees of latitude are higher there."""
    boxes = {}
    for lat in (0, 60):
        src = frame_of("openstreetmap", f"{OSM}/#map=12/{lat}/4").src
        west, south, east, north = map(float, parse_qs(urlsplit(src).query)["bbox"][0].split(","))
        boxes[lat] = (east - west) / (north - south)

    assert boxes[0] == pytest.approx(4 / 3, rel=1e-3)
    assert boxes[60] == pytest.approx(8 / 3, rel=1e-3)
