"""URL parsers of embedded videos, posts, recordings, maps and calendars: exact iframes, hints and shapes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.catalogue import (
    calendly,
    dailymotion,
    google_maps,
    instagram,
    openstreetmap,
    soundcloud,
    spotify,
    tiktok,
    vimeo,
)
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.services import Frame, Service
from flask_cookieconsent.errors import RegistryError
from tests.kit.samples import refusal

KEY = "AIzaSyA0123456789abcdefghijklmnopqrstuv"
SERVICES = {
    service.id: service
    for service in (
        *(calendly("www.ecom.example"), dailymotion("x8tlb"), google_maps(), instagram(), openstreetmap()),
        *(soundcloud(), spotify(), tiktok(), vimeo(), google_maps(KEY, id="keyed")),
    )
}
TRACK, VIDEO = "2qToAcex0ruZfbEbAy9OhW", "6718335390845095173"
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


FRAMES = [
    # Vimeo: what makes an unlisted video visible is kept, and the time.
    ("vimeo", "76979871", "player.vimeo.com/video/76979871?dnt=1", "vimeo.com/76979871", "wide"),
    (
        "vimeo",
        "https://vimeo.com/791813674/2c9cfc5030?share=copy&utm_source=x#t=1m30s",
        "player.vimeo.com/video/791813674?dnt=1&h=2c9cfc5030#t=90s",
        "vimeo.com/791813674/2c9cfc5030#t=90s",
        "wide",
    ),
    (
        "vimeo",
        "https://player.vimeo.com/video/846486260?loop=1&autoplay=1&h=d30c95d242",
        "player.vimeo.com/video/846486260?dnt=1&h=d30c95d242",
        "vimeo.com/846486260/d30c95d242",
        "wide",
    ),
    (
        "vimeo",
        "https://vimeo.com/showcase/12/video/34?t=5&h=zz",
        "player.vimeo.com/video/34?dnt=1#t=5s",
        "vimeo.com/34#t=5s",
        "wide",
    ),
    # Dailymotion: always in the owner's player.
    (
        "dailymotion",
        "https://www.dailymotion.com/video/x2jvvep_a-title?playlist=x1&start=90",
        "geo.dailymotion.com/player/x8tlb.html?video=x2jvvep&startTime=90",
        "www.dailymotion.com/video/x2jvvep?start=90",
        "wide",
    ),
    (
        "dailymotion",
        "https://geo.dailymotion.com/player/other.html?video=x84sh87&mute=true",
        "geo.dailymotion.com/player/x8tlb.html?video=x84sh87",
        "www.dailymotion.com/video/x84sh87",
        "wide",
    ),
    (
        "dailymotion",
        "https://www.dailymotion.com/playlist/x5nmbq",
        "geo.dailymotion.com/player/x8tlb.html?playlist=x5nmbq",
        "www.dailymotion.com/playlist/x5nmbq",
        "wide",
    ),
    # Instagram
    (
        "instagram",
        "https://www.instagram.com/p/BnMOk_FFsxg/?utm_source=ig_web_copy_link&igsh=abc&img_index=2",
        "www.instagram.com/p/BnMOk_FFsxg/embed/captioned/",
        "www.instagram.com/p/BnMOk_FFsxg/",
        "long",
    ),
    (
        "instagram",
        "https://instagr.am/nasa/reels/C1abc_d-e",
        "www.instagram.com/reel/C1abc_d-e/embed/captioned/",
        "www.instagram.com/reel/C1abc_d-e/",
        "long",
    ),
    # TikTok
    (
        "tiktok",
        f"https://m.tiktok.com/@scout2015/photo/{VIDEO}?is_from_webapp=1&sender_device=pc",
        f"www.tiktok.com/player/v1/{VIDEO}?rel=0&controls=1",
        f"www.tiktok.com/@scout2015/photo/{VIDEO}",
        "tall",
    ),
    (
        "tiktok",
        f"https://m.tiktok.com/v/{VIDEO}.html",
        f"www.tiktok.com/player/v1/{VIDEO}?rel=0&controls=1",
        f"www.tiktok.com/player/v1/{VIDEO}",
        "tall",
    ),
    # Spotify: one track is a strip, a list a player.
    (
        "spotify",
        f"https://open.spotify.com/intl-pt-BR/track/{TRACK}?si=1&utm_source=copy&t=30",
        f"open.spotify.com/embed/track/{TRACK}",
        f"open.spotify.com/track/{TRACK}",
        "strip",
    ),
    (
        "spotify",
        f"https://open.spotify.com/embed/episode/{TRACK}?t=90",
        f"open.spotify.com/embed/episode/{TRACK}?t=90",
        f"open.spotify.com/episode/{TRACK}?t=90",
        "strip",
    ),
    *(
        (
            "spotify",
            f"spotify:{kind}:{TRACK}",
            f"open.spotify.com/embed/{kind}/{TRACK}",
            f"open.spotify.com/{kind}/{TRACK}",
            "player",
        )
        for kind in ("album", "playlist", "artist", "show")
    ),
    # Google Maps: the link leads to the same place, because Google shows the frame's address in frames only.
    (
        "google_maps",
        f"https://www.google.be/maps/embed?pb={PB}&hl=nl",
        f"www.google.com/maps/embed?pb={PB}",
        f"www.google.com/maps/@?api=1&map_action=map&center=51.5,-0.12&pb={PB}",
        "square",
    ),
    (
        "google_maps",
        "https://www.google.com/maps/embed?pb=!4v1!6m8!1m7!1sAbC!2m2!1d50.8!2d4.3!2sCaf%C3%A9%20%22Bar%22",
        "www.google.com/maps/embed?pb=!4v1!6m8!1m7!1sAbC!2m2!1d50.8!2d4.3!2sCaf%C3%A9%20%22Bar%22",
        "www.google.com/maps/@?pb=!4v1!6m8!1m7!1sAbC!2m2!1d50.8!2d4.3!2sCaf%C3%A9%20%22Bar%22",
        "square",
    ),
    *(
        (
            "keyed",
            address,
            f"www.google.com/maps/embed/v1/place?key={KEY}&q=Grand%20Place%2C%20Br%C3%BCssel",
            "www.google.com/maps/search/?api=1&query=Grand%20Place%2C%20Br%C3%BCssel",
            "square",
        )
        for address in (
            "https://www.google.com/maps/place/Grand+Place,+Br%C3%BCssel/@50.8,4.35,17z/data=!3m1!4b1?entry=ttu",
            "https://www.google.com/maps/search/?api=1&query=Grand+Place%2C+Br%C3%BCssel",
            "https://maps.google.co.uk/?q=Grand%20Place,%20Br%C3%BCssel&z=3",
            f"https://www.google.com/maps/embed/v1/place?key={KEY[::-1]}&q=Grand+Place,+Br%C3%BCssel",
        )
    ),
    # OpenStreetMap: what its own code under Share gives, and its pages.
    (
        "openstreetmap",
        f"{OSM}/export/embed.html?bbox=-0.15%2C51.49%2C-0.12%2C51.51&layer=mapnik&marker=51.5%2C-0.13",
        "www.openstreetmap.org/export/embed.html?bbox=-0.15%2C51.49%2C-0.12%2C51.51&layer=mapnik&marker=51.5%2C-0.13",
        "www.openstreetmap.org/?bbox=-0.15,51.49,-0.12,51.51&mlat=51.5&mlon=-0.13",
        "square",
    ),
    (
        "openstreetmap",
        f"{OSM}/export/embed.html?bbox=-0.150000001,51.49,-0.12,51.51&layer=hot&marker=51.5",
        "www.openstreetmap.org/export/embed.html?bbox=-0.15%2C51.49%2C-0.12%2C51.51&layer=hot",
        "www.openstreetmap.org/?bbox=-0.15,51.49,-0.12,51.51&layers=H",
        "square",
    ),
    (
        "openstreetmap",
        "https://osm.org/node/12?locale=nl#map=12/51.500000/-0.1&layers=CN",
        "www.openstreetmap.org/export/embed.html?bbox=-0.16866%2C51.46793%2C-0.03134%2C51.53205&layer=cyclemap",
        "www.openstreetmap.org/#map=12/51.5/-0.1&layers=C",
        "square",
    ),
    (
        "openstreetmap",
        f"{OSM}/?mlat=51.5&mlon=-0.1",
        "www.openstreetmap.org/export/embed.html"
        "?bbox=-0.16866%2C51.46793%2C-0.03134%2C51.53205&layer=mapnik&marker=51.5%2C-0.1",
        "www.openstreetmap.org/?mlat=51.5&mlon=-0.1#map=12/51.5/-0.1",
        "square",
    ),
    # Calendly
    (
        "calendly",
        "https://calendly.com/example/30min/?month=2026-11&utm_source=x&hide_gdpr_banner=1",
        "calendly.com/example/30min?embed_domain=www.ecom.example&embed_type=Inline",
        "calendly.com/example/30min",
        "long",
    ),
]


@pytest.mark.parametrize(("service", "text", "src", "link", "shape"), FRAMES)
def test_frame(service: str, text: str, src: str, link: str, shape: str) -> None:
    """A9: the frame is rebuilt from what was recognised; times and keys of access stay, everything else goes."""
    frame = frame_of(service, text)

    assert (frame.src, frame.link, frame.shape) == (f"https://{src}", f"https://{link}", shape)


@pytest.mark.parametrize(
    ("text", "content", "link", "shape"),
    [
        (
            "https://soundcloud.com/forss/flickermood?in=forss/sets/soulhack&si=1&utm_medium=text#t=1%3A23",
            "https://soundcloud.com/forss/flickermood#t=1m23s",
            "https://soundcloud.com/forss/flickermood#t=1m23s",
            "strip",
        ),
        (
            "https://m.soundcloud.com/forss/sets/soulhack/",
            "https://soundcloud.com/forss/sets/soulhack",
            "https://soundcloud.com/forss/sets/soulhack",
            "player",
        ),
        (
            "https://soundcloud.com/forss/secret/s-AbCdE12",
            "https://soundcloud.com/forss/secret/s-AbCdE12",
            "https://soundcloud.com/forss/secret/s-AbCdE12",
            "strip",
        ),
        (
            "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/soundcloud%253Atracks%253A293"
            "&color=%23ff5500&auto_play=true",
            "https://api.soundcloud.com/tracks/293",
            "https://w.soundcloud.com/player/?url=https%3A%2F%2Fapi.soundcloud.com%2Ftracks%2F293",
            "strip",
        ),
        (
            "https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/playlists/1519036066&visual=true",
            "https://api.soundcloud.com/playlists/1519036066",
            "https://w.soundcloud.com/player/?url=https%3A%2F%2Fapi.soundcloud.com%2Fplaylists%2F1519036066",
            "player",
        ),
    ],
)
def test_soundcloud(text: str, content: str, link: str, shape: str) -> None:
    """A9: its player takes an address, which is rebuilt first; it never plays by itself."""
    frame = frame_of("soundcloud", text)
    options = parse_qs(urlsplit(frame.src).query)

    assert (frame.link, frame.shape, frame.kind) == (link, shape, "audio")
    assert frame.src.startswith("https://w.soundcloud.com/player/?url=")
    assert options["url"] == [content]
    assert options["auto_play"] == ["false"]


@pytest.mark.parametrize(
    ("service", "kind"),
    [
        *(("vimeo", "video"), ("dailymotion", "video"), ("tiktok", "video"), ("instagram", "post")),
        *(("spotify", "audio"), ("google_maps", "map"), ("keyed", "map"), ("openstreetmap", "map")),
        ("calendly", "calendar"),
    ],
)
def test_kind(service: str, kind: str) -> None:
    """What is shown is said in the word that the placeholder has for it."""
    assert {frame_of(each, text).kind for each, text, *_ in FRAMES if each == service} == {kind}


@pytest.mark.parametrize(
    ("service", "text"),
    [
        *(("instagram", f"https://www.instagram.com/share/{rest}") for rest in ("BADxyz123", "p/BnMOk_FFsxg")),
        *(("tiktok", f"https://{rest}") for rest in ("vm.tiktok.com/ZMabc/", "vt.tiktok.com/Z", "www.tiktok.com/t/Z/")),
        *(("spotify", f"https://{rest}") for rest in ("spotify.link/abc", "spoti.fi/abc")),
        ("soundcloud", "https://on.soundcloud.com/abc"),
        *(("google_maps", f"https://{rest}") for rest in ("maps.app.goo.gl/abc", "goo.gl/maps/abc")),
        *(("keyed", f"https://{rest}") for rest in ("maps.app.goo.gl/abc", "goo.gl/maps/abc")),
        *(("openstreetmap", f"https://{rest}") for rest in ("osm.org/go/0EEQjE--", "www.openstreetmap.org/go/0E")),
    ],
)
def test_short_link(service: str, text: str) -> None:
    """A9: a short link would have to be asked for; the hint says what to paste instead."""
    with pytest.raises(ValueError, match=rf"{re.escape(text)}' is a short link.*open it and paste the (long )?address"):
        parse(service, text)


@pytest.mark.parametrize(
    ("service", "text"),
    [
        *(
            ("google_maps", f"{MAPS}{rest}")
            for rest in ("", "/place/Grand+Place/@50.8,4.3,17z", "/@50.8,4.3,17z", "/dir/A/B", "?q=Brussel")
        ),
        *(("google_maps", f"{MAPS}/embed{rest}") for rest in ("", "?pb=", "?pb=%22%3E%3Cb", "?pb=!1m1!2dx%00!3d1!4d1")),
        ("google_maps", f"{MAPS}/embed?pb=" + PB + "!2s" + "%22" * 600),
        ("google_maps", f"{MAPS}/embed/v1/place?key={KEY}&q=Brussel"),
        *(("keyed", f"{MAPS}{rest}") for rest in ("", "/@50.8,4.3,17z", "/dir/A/B", "?q=%0A%00", "?q=" + "a" * 301)),
    ],
)
def test_map_without_a_frame(service: str, text: str) -> None:
    """A9: without a key Google has no frame for a place; the hint says where its frames are found."""
    with pytest.raises(ValueError, match=r"has no frame of its own; paste the address in the code under Share"):
        parse(service, text)


NO_EMBEDS = [
    ("vimeo", "https://vimeo.com/", ("", "staffpicks", "1234567890123", "12/zz", "12/34/56")),
    ("vimeo", "https://player.vimeo.com/", ("12", "video/", "video/12/13", "video/1a")),
    ("dailymotion", "https://www.dailymotion.com/", ("", "x2jvvep", "video/x2", "video/a/b")),
    ("dailymotion", "https://geo.dailymotion.com/", ("x84sh87", "player/x8tlb.html", "player/x8tlb.html?video=%22")),
    ("instagram", "https://www.instagram.com/", ("", "nasa", "p/", "p/abc", "stories/a/1", "p/a'b'c")),
    ("tiktok", "https://www.tiktok.com/", ("", "@scout2015", f"@a/video/{VIDEO}9999", "embed/1")),
    ("spotify", "https://open.spotify.com/", ("", "track/abc", f"user/{TRACK}", f"track/{TRACK}/x")),
    ("spotify", "spotify:", (f"user:{TRACK}", f"track:{TRACK}x", f"track:{TRACK}\n")),
    ("soundcloud", "https://soundcloud.com/", ("", "forss", "discover/sets/a", "forss/likes", "a/b/c", "a/b'")),
    ("soundcloud", "https://soundcloud.com/", ("forss/sets", "forss/sets/")),
    ("soundcloud", "https://w.soundcloud.com/player/", ("", "?url=javascript:x", "?url=https%3A//evil.example/a/b")),
    ("soundcloud", "https://w.soundcloud.com/", ("?url=https%3A//soundcloud.com/a/b",)),
    ("soundcloud", "https://api.soundcloud.com/", ("", "users/1", "tracks/a", "tracks/1/2")),
    ("google_maps", "https://www.google.com/", ("", "search?q=maps", "mapsx", "url?q=x")),
    ("keyed", "https://", ("www.google.evil/maps?q=x", "google.com.evil/maps?q=x", "evilgoogle.com/maps?q=x")),
    ("openstreetmap", f"{OSM}/", ("", "user/a", "#map=1", "#map=1/91/0", "#map=1/0/181", "#map=a/1/1")),
    ("openstreetmap", f"{OSM}/?mlat=", ("1", "1&mlon=", "1&mlon=1e5", "nan&mlon=1", "1&mlon=1&zoom=a")),
    ("openstreetmap", f"{OSM}/export/embed.html?bbox=", ("", "1,2,3", "1,2,3,4,5", "3,2,1,4", "1,4,3,2")),
    ("openstreetmap", f"{OSM}/export/embed.html?bbox=", ("1,2,1.000001,4", "1,2,3,%22", "-181,1,2,3")),
    ("calendly", "https://calendly.com", ("", "/", "/login", "/Legal/x", "/a//b", "/a/b.c", "/a/b'")),
]


@pytest.mark.parametrize(
    ("service", "text"), [(service, start + rest) for service, start, rests in NO_EMBEDS for rest in rests]
)
def test_no_embed(service: str, text: str) -> None:
    """Other pages of a provider, and ids that are none, are not embedded (A9)."""
    assert parse(service, text) is None


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


def test_a_key_is_needed_for_places_only() -> None:
    """The map that Google offers for embedding is the same with a key and without."""
    address = f"{MAPS}/embed?pb={PB}"

    assert parse("google_maps", address) == parse("keyed", address)
    assert KEY not in str(parse("keyed", address))


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
