"""Addresses that people paste, from tests/data/addresses: what each service makes of them, and nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.catalogue import google_maps
from flask_cookieconsent.core.services import Frame, Service
from tests.kit.samples import OWN, SAMPLES

SERVICES: Mapping[str, Service] = {each.service.id: each.service for each in SAMPLES if each.service.parse}
ADDRESSES: Mapping[str, Any] = {
    each.stem: json.loads(each.read_text("utf-8"))
    for each in sorted((Path(__file__).parents[1] / "data" / "addresses").glob("*.json"))
}
KEY = "AIzaSyA0123456789abcdefghijklmnopqrstuv"
# The form of a frame's address, in which nothing has a meaning in HTML, in a header or for another host.
_SRC = re.compile(r"https://[a-z0-9.-]+/[A-Za-z0-9/._:=@-]*(\?[A-Za-z0-9_.=&%!:,*~-]*)?(#t=[0-9]+s)?")
_LINK = re.compile(r"https://[a-z0-9.-]+/[A-Za-z0-9/._:,@?=&%!*~-]*(#(t=[0-9ms]+|map=[0-9./-]+(&layers=[A-Z])?))?")

each_service = pytest.mark.parametrize("id", ADDRESSES)


def answer(service: Service, text: str) -> Frame | str | None:
    """Return what a service makes of a text: a frame, a hint about what to paste instead, or nothing."""
    assert service.parse is not None
    try:
        found = service.parse(text)
    except ValueError as hint:
        return str(hint)
    return found if isinstance(found, Frame) else None


def takers(text: str, services: Mapping[str, Service] = SERVICES) -> list[str]:
    """Return the ids of the services that have a frame for an address."""
    return [id for id, service in services.items() if isinstance(answer(service, text), Frame)]


def mistakes(service: Service, text: str, src: str) -> Iterator[str]:
    """Yield what is wrong with the frame of a text: its address, what is in it, or its link pasted again."""
    frame = answer(service, text)
    if not isinstance(frame, Frame):
        yield f"no frame: {frame}"
        return
    if frame.src != src:
        yield f"found {frame.src}"
    parts = urlsplit(frame.src)
    if f"{parts.scheme}://{parts.netloc}" not in service.hosts.get("frame-src", ()) or not _SRC.fullmatch(frame.src):
        yield f"not of validated parts: {frame.src}"
    if not _LINK.fullmatch(frame.link) or answer(service, frame.link) != frame:
        yield f"another one by its link: {frame.link}"
    if re.search(r"auto_?play=(?!false|0)", frame.src):
        yield "starts by itself"


@each_service
def test_accepts(id: str) -> None:
    """A9: each frame is the one that is written down, of validated parts, and the same for its link."""
    accepted = ADDRESSES[id]["accepts"].items()
    assert {text: found for text, src in accepted if (found := list(mistakes(SERVICES[id], text, src)))} == {}


@each_service
def test_nobody_else_takes_it(id: str) -> None:
    """An address belongs to one service. A number alone may be anybody's, and is given together with an id."""
    assert {text: takers(text) for text in ADDRESSES[id]["accepts"] if "://" in text and takers(text) != [id]} == {}


@each_service
def test_hints(id: str) -> None:
    """What has no frame of its own is told what to paste instead."""
    assert [text for text in ADDRESSES[id]["hints"] if not says_what_to_paste(SERVICES[id], text)] == []


def says_what_to_paste(service: Service, text: str) -> bool:
    """Tell whether a service answers with a hint that has a remedy."""
    found = answer(service, text)
    return isinstance(found, str) and re.search(r"paste the (long )?address", found) is not None


@each_service
def test_refuses(id: str) -> None:
    """A2: what only looks like it, and pages that show nothing that can be embedded, are nobody's."""
    refused = ADDRESSES[id]["refuses"]
    assert [text for text in refused if isinstance(answer(SERVICES[id], text), Frame)] == []
    assert {text: found for text in refused if "://" in text and (found := takers(text))} == {}


def test_twins() -> None:
    """A service that passes on what it is given fails all of them, and so does one that knows another's address."""

    def trusting(text: str) -> Frame:
        return Frame(src=text, link=text + "&autoplay=1", kind="video", shape="wide")

    careless = replace(OWN.service, parse=trusting, hosts={})
    found = list(mistakes(careless, "http://evil.example/?autoplay=1", "https://good.example/"))

    assert [each.partition(":")[0] for each in found] == [
        "found http",
        "not of validated parts",
        "another one by its link",
        "starts by itself",
    ]
    assert list(mistakes(replace(careless, parse=lambda text: None), "12", "")) == ["no frame: None"]
    assert takers("https://evil.example/", {"careless": careless}) == ["careless"]
    assert not says_what_to_paste(careless, "https://fb.watch/a")


def test_every_frame_has_addresses() -> None:
    """Each framed service says what people paste; both directions, so that no file is forgotten or left behind."""
    framed = {each.service.id for each in SAMPLES if each.embed and isinstance(answer(each.service, each.embed), Frame)}

    assert framed - set(ADDRESSES) == set()
    assert set(ADDRESSES) <= framed


def thin(addresses: Mapping[str, Any]) -> list[str]:
    """Return the ids of those with hardly any example."""
    return [id for id, each in addresses.items() if len(each["accepts"]) < 3 or len(each["refuses"]) < 3]


def test_enough_of_each() -> None:
    assert thin(ADDRESSES) == []
    assert thin({"bandstand": {"accepts": {"a": "b"}, "refuses": []}}) == ["bandstand"]


SUFFIXES = ('"', "<b>", "\n", "\x00", "\\", " x", ";", "\u2028", "\u200b", "'")


@pytest.mark.parametrize("added", SUFFIXES)
def test_nothing_hostile_comes_through(added: str) -> None:
    """A2: whatever is put at the end of an address or into its query, nothing of it is in the frame or its link."""
    texts = [
        (id, form.format(text, added))
        for id, each in ADDRESSES.items()
        for text in each["accepts"]
        for form in ("{}{}", "{}?x={}", "{}&t={}")
    ]

    assert [text for id, text in texts if leaks(SERVICES[id], text, added)] == []


def leaks(service: Service, text: str, added: str) -> bool:
    """Tell whether a character of a text is in the frame that it gives."""
    found = answer(service, text)
    return isinstance(found, Frame) and (added in found.src or added in found.link)


def test_nothing_hostile_twin() -> None:
    careless = replace(OWN.service, parse=lambda text: Frame(src=text, link="", kind="video", shape="wide"))

    assert all(leaks(careless, f"https://a.example{each}", each) for each in SUFFIXES)


# An address that is nearly right goes deeper than one made of parts.
CHANGED = st.builds(
    lambda url, place, gone, piece: url[: place % len(url)] + piece + url[place % len(url) + gone :],
    st.sampled_from(
        [text for each in ADDRESSES.values() for kind in ("accepts", "hints", "refuses") for text in each[kind]]
    ),
    st.integers(0, 400),
    st.integers(0, 3),
    st.one_of(st.just(""), st.text(max_size=8), st.sampled_from(["/", "%2e%2e", "%zz", "é", "123", "&t=9h"])),
)
KEYED: Sequence[Service] = (*SERVICES.values(), google_maps(KEY, id="keyed"))


@given(text=CHANGED)
def test_whatever_is_pasted(text: str) -> None:
    """A9: no frame, a hint, or a frame of validated parts whose link gives the same frame again."""
    found = [(service, answer(service, text)) for service in KEYED]
    frames = [(service, each) for service, each in found if isinstance(each, Frame)]

    assert [wrong for service, each in frames for wrong in mistakes(service, text, each.src)] == []
    assert [each for _, each in found if isinstance(each, str) and "paste the" not in each] == []
