"""Files of a site: read as a whole or refused in one sentence, and never a way round the registry."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import flask_cookieconsent
from flask_cookieconsent import read_service
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.errors import RegistryError

from .test_checking import PODIUM, changed


def file(folder: Path, data: Any, name: str = "podium.json") -> Path:
    """Write a file of the site."""
    path = folder / name
    path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
    return path


def refusal(path: Path, *parameters: str) -> str:
    """Return what is said of a file whose service is declared, or nothing."""
    try:
        build([read_service(path)(*parameters)])
    except RegistryError as error:
        return "; ".join(error.mistakes)
    return ""


def test_file_makes_a_service(tmp_path: Path) -> None:
    service = read_service(str(file(tmp_path, PODIUM)))("1234")

    assert (service.id, service.name, service.category) == ("podium", "Podium", "third_party")
    assert refusal(file(tmp_path, PODIUM), "1234") == ""
    assert flask_cookieconsent.read_service is read_service


def test_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert refusal(file(tmp_path, b"\xef\xbb\xbf" + json.dumps(PODIUM).encode()), "1234") == ""


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "podium.json: not JSON: "),
        (b"{", "podium.json: not JSON: "),
        (b"\xff\xfe", "podium.json: found bytes that are no text, wanted JSON in UTF-8"),
        (b"\x00" * 10, "podium.json: not JSON: "),
        (b" " * 1_000_001, "podium.json: found more than 1,000,000 bytes, wanted less"),
        (b"[" * 100_000, "podium.json: nested too deeply, wanted at most 30 levels"),
        (b"[" * 40 + b"]" * 40, "podium.json: nested too deeply, wanted at most 30 levels"),
        (b"[NaN]", "podium.json: not JSON: found NaN, which is no number in JSON"),
        (b"9" * 5_000, "podium.json: not JSON: "),
        (rb'["\ud800"]', "podium.json: found half of a character"),
        (b"[1, 2]", "podium.json: the whole: found [1, 2], wanted an object"),
        (b'"podium"', "podium.json: the whole: found 'podium', wanted an object"),
        (b"null", "podium.json: the whole: found null, wanted an object"),
    ],
)
def test_hostile_file_is_refused_in_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    said = refusal(file(tmp_path, data))

    assert said.startswith(sentence)
    assert "\n" not in said and len(said) < 300


@pytest.mark.parametrize("name", ["nothing.json", ".", "a\0b", "x" * 300])
def test_file_that_is_not_there_is_refused(tmp_path: Path, name: str) -> None:
    assert "wanted one" in refusal(tmp_path / name) or "cannot be read" in refusal(tmp_path / name)


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "podium.json")

    assert refusal(tmp_path / "podium.json").endswith("found no file of this name, wanted one")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    data = changed("provider/country", "Belgium") | {"ticked": True}

    with pytest.raises(RegistryError) as caught:
        read_service(file(tmp_path, data))
    assert [each.partition(":")[0] for each in caught.value.mistakes] == ["podium.json"] * 2


@pytest.mark.parametrize(
    ("place", "value", "hole"),
    [
        ("tag", {"src": "https://podium.example/{lost}.js"}, "{lost}"),
        ("hosts", {"https://{area}.podium.example": {"for": ["script-src"]}}, "{area}"),
        ("variants", [{"if": {"show": True}, "cookies": [{"name": "a_{b}", "purpose": "It."}]}], "{b}"),
    ],
)
def test_hole_that_nothing_fills_is_named(tmp_path: Path, place: str, value: Any, hole: str) -> None:
    said = refusal(file(tmp_path, changed(place, value)), "1234")

    assert f"found '{hole}', wanted one of category, id, name, show in it" in said


@pytest.mark.parametrize("hole", ["show", "id", "name"])
def test_hole_that_is_filled_is_none(tmp_path: Path, hole: str) -> None:
    """The good twin."""
    tag = {"src": f"https://podium.example/{{{hole}}}.js"}

    assert refusal(file(tmp_path, changed("tag", tag)), "1234") == ""


def test_choice_that_brings_variables_fills_holes(tmp_path: Path) -> None:
    data = changed("parameters/area", {"choices": {"eu": {"place": "eu"}}, "default": "eu"})
    data["tag"] = {"src": "https://podium.example/{place}/{area}.js"}

    assert refusal(file(tmp_path, data), "1234") == ""


# -- nothing is ticked, and no advertising is necessary ----------------------------------------------------------------


@pytest.mark.parametrize("key", ["default", "enabled", "required", "checked", "granted", "readOnly", "optOut"])
def test_no_key_ticks_beforehand(tmp_path: Path, key: str) -> None:
    """B2: whatever another tool has for it means nothing here, and is said to."""
    assert f"found '{key}' in it" in refusal(file(tmp_path, PODIUM | {key: True}), "1234")


@pytest.mark.parametrize("purpose", ["advertising", "audience_measurement", "session_recording", "embedded_video"])
def test_advertising_is_never_necessary(tmp_path: Path, purpose: str) -> None:
    """C5: the registry refuses it, whatever a file says."""
    data = PODIUM | {"purpose": purpose, "categories": ["necessary"], "justification": "We want it."}

    assert "is never strictly necessary" in refusal(file(tmp_path, data), "1234")


def test_tracker_is_never_necessary(tmp_path: Path) -> None:
    """C5: nor is one that calls itself a preference."""
    data = PODIUM | {"purpose": "preferences", "categories": ["necessary"], "justification": "We want it."}
    data["hosts"] = {"https://connect.facebook.net": {"for": ["script-src"]}}

    assert "is a tracker of Meta" in refusal(file(tmp_path, data), "1234")


def test_necessary_service_may_be_declared(tmp_path: Path) -> None:
    """The good twin: with a reason, and for a purpose that can be."""
    data = PODIUM | {"purpose": "booking", "categories": ["necessary"], "justification": "You book with it."}

    assert refusal(file(tmp_path, data), "1234") == ""
    assert "without a justification" in refusal(file(tmp_path, {**data, "justification": ""}), "1234")


FRAMED = {"kind": "video", "shape": "wide", "src": "https://podium.example/{v}", "link": "https://podium.example/{v}"}
SHOWS = {"hosts": ["podium.example"], "path": "/(?P<v>[0-9]{1,9})"}
SCRIPT = {"src": "https://podium.example/a.js"}


def embed(**more: Any) -> dict[str, Any]:
    """Return a declaration that embeds, with something else in it."""
    return changed("embed", {**FRAMED, "addresses": [SHOWS], **more})


@pytest.mark.parametrize(
    "data",
    [
        embed(kind="film"),
        embed(shape="round"),
        embed(src="$player"),
        embed(addresses=[SHOWS | {"shape": "round"}]),
        embed(addresses=[{"hosts": ["{lost}"], "path": "/"}]),
        embed(addresses=[{"text": "(?u)[0-9]+"}]),
        embed(addresses=[{"hosts": ["podium.example"], "path": "$a"}], parts={"a": "("}),
        embed(addresses=[{"text": "$a-$a"}], parts={"a": "(?P<v>[0-9]+)"}),
        changed("embed", {"kind": "video", "shape": "wide", "addresses": [SHOWS]}),
        changed("embed", {"kind": "map", "shape": "wide", "reader": "lost"}),
        changed("embed", {"kind": "map", "shape": "wide", "widget": {"attributes": {"id": "{lost}"}, "tag": SCRIPT}}),
    ],
)
def test_embed_that_no_page_could_read(tmp_path: Path, data: dict[str, Any]) -> None:
    """All services are asked about an address: what would fail then is a mistake at the start."""
    assert refusal(file(tmp_path, data), "1234") != ""


def test_embed_that_no_page_could_read_twin(tmp_path: Path) -> None:
    assert refusal(file(tmp_path, embed()), "1234") == ""


@pytest.mark.parametrize(
    "more",
    [
        {"queue": {"name": 5}},
        {"queue": {}},
        {"queue": {"name": "podium", "methods": "abc"}},
        {"globals": [5]},
        {"calls": ["start"]},
        {"lists": {"podium": 5}},
        {"data": {"x onload=1": "y"}},
        {"attributes": {"onload": "run()"}},
        {"values": {"a": {"answer": 5}}},
        {"values": {"a": {"answer": {"purpose": 5}}}},
        {"values": {"a": {"answer": {"name": []}}}},
        {"silenced": {"a": {"answer": {"name": "podium"}}}},
        {"consent_types": {"ad_storage": 5}},
    ],
)
def test_tag_that_no_page_could_write(tmp_path: Path, more: dict[str, Any]) -> None:
    """What is of another type than a page needs is refused at the start; and no attribute of ours runs code."""
    assert refusal(file(tmp_path, changed("tag", SCRIPT | more)), "1234") != ""


def test_tag_that_no_page_could_write_twin(tmp_path: Path) -> None:
    sound = {"queue": {"name": "podium"}, "globals": ["p"], "values": {"a": {"answer": {"name": "podium"}}}}
    for tag in (SCRIPT, SCRIPT | sound, SCRIPT | {"silenced": {"a": [{"b": 1}]}}):
        assert refusal(file(tmp_path, changed("tag", tag)), "1234") == ""
