"""A receipt proves what it says to every reader, and nothing else passes for one (F7, F4)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from flask_cookieconsent.log.events import Keys
from flask_cookieconsent.log.receipts import SCHEMA, is_signed, signed
from tests.kit.sites import make_site

KEYS = Keys.derive(["a key for tests only"])
DOCUMENT: dict[str, Any] = {
    "schema_version": SCHEMA,
    "pii_controller": {"name": 'Example "NV" \\ Ωμέγα 🍪', "address": "  1 Street,\n  Ghent\u2028 ", "contact": None},
    "events": [{"record_id": "0" * 32, "answer": "granted", "validity": 184, "user_agent_signal": False}, []],
}
TEXT = json.dumps(signed(DOCUMENT, KEYS, "shop"), indent=2, ensure_ascii=False)


def check(text: str, scope: str = "shop") -> bool:
    return is_signed(text, KEYS, scope)


def without_spaces(text: str) -> str:
    """Take the whitespace between the tokens of a JSON text out, letter by letter."""
    kept, is_inside, is_escaped = [], False, False
    for letter in text:
        if is_inside or letter not in " \t\n\r":
            kept.append(letter)
        if letter == '"' and not is_escaped:
            is_inside = not is_inside
        is_escaped = letter == "\\" and not is_escaped
    return "".join(kept)


@pytest.mark.parametrize("indent", [None, 0, 7, "\t"])
def test_whitespace_is_insignificant(indent: Any) -> None:
    """F7: a file that an editor has laid out anew, with other ends of lines, is the same receipt."""
    text = json.dumps(json.loads(TEXT), indent=indent, ensure_ascii=False)

    assert check(text) and check(text.replace("{\n", "{\r\n")) and check(f"\n {text}\t")


_LINE = "\n      "
CHANGES = {
    "events twice": ('"events": [', '"events": [{"event_state": "refused"}],\n "events": ['),
    "answer twice": ('"answer": "granted"', '"answer": "refused", "answer": "granted"'),
    "name twice": ('"contact": null', '"contact": "Any Company Ltd", "contact": null'),
    "the same twice": ('"validity": 184', '"validity": 184, "validity": 184'),
    "signature twice": ('"mac": "', '"mac": "0", "mac": "'),
    "another order": (f'"answer": "granted",{_LINE}"validity": 184', f'"validity": 184,{_LINE}"answer": "granted"'),
    "an escape": ("granted", "\\u0067ranted"),
    "an escaped slash": ("flask-cookieconsent/receipt", "flask-cookieconsent\\/receipt"),
    "half a character": ("granted", "\\ud800"),
    "another spelling of a number": ("184", "184.0"),
    "an exponent": ("184", "184e0"),
    "a space in a text": ("1 Street", "1  Street"),
    "a space that is none": ('"events": ', '"events":\u00a0'),
    "a value that is none": ("184", "NaN"),
    "a long number": ("184", "1" * 5_000),
    "depth": ("184", "[" * 100_000),
    "a comment": ('"events"', '/* */ "events"'),
    "a byte order mark": ("{", "\ufeff{"),
    "two documents": ('"\n}', '"\n}{}'),
    "another value": ("granted", "refused"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_other_texts_are_no_receipts(change: tuple[str, str]) -> None:
    """F7, F4: what another reader could take for something else is refused, and nothing raises."""
    text = TEXT.replace(*change, 1)

    assert check(TEXT)
    assert text != TEXT
    assert not check(text)


def test_signature_comes_last() -> None:
    """F7: where the signature stands is part of our own writing too."""
    document = json.loads(TEXT)
    assert not check(json.dumps({"mac": document.pop("mac")} | document, ensure_ascii=False))


@given(st.data())
def test_changed_texts_are_no_receipts(data: st.DataObject) -> None:
    """F4: of all texts that are one edit away, those alone pass that differ in whitespace between tokens."""
    start = data.draw(st.integers(0, len(TEXT)))
    end = data.draw(st.integers(start, min(len(TEXT), start + 40)))
    pieces = st.sampled_from([" ", "\n", '"', "\\", ",", "{}", '"a":1,', "0", "é", "\ud800", TEXT[start:end]])
    text = TEXT[:start] + "".join(data.draw(st.lists(pieces, max_size=3))) + TEXT[end:]

    assert check(text) == (without_spaces(text) == without_spaces(TEXT) and is_json(text))


def is_json(text: str) -> bool:
    """Tell whether a text is JSON at all: a space within a word leaves none."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@given(st.text(st.characters(codec=None), max_size=60) | _json.map(json.dumps))
@example('{"schema_version":"flask-cookieconsent/receipt/1","mac":"x","a":"\\ud800"}')
@example('{"mac":{"mac":[]}}')
def test_nothing_raises(text: str) -> None:
    """F7: whatever is pasted into the form gets an answer."""
    assert not check(text)


@given(st.dictionaries(st.text(max_size=4).filter(lambda name: name != "mac"), _json, max_size=4))
def test_every_document_can_be_signed(document: dict[str, Any]) -> None:
    """F7: whatever names and texts a site has."""
    text = json.dumps(signed(document, KEYS, "shop"), indent=2, ensure_ascii=False)

    assert check(text) and not check(text, "blog")


def test_sites_that_share_a_key_do_not_vouch_for_each_other() -> None:
    """F4: the key of a shared consent makes one site's receipt no document of another's."""
    shop, blog = (
        make_site(COOKIECONSENT_SECRET_KEY="a key that two sites share", COOKIECONSENT_LOG_SCOPE=scope)
        for scope in ("shop", "blog")
    )
    visitor = shop.visitor()
    visitor.choose("accept")
    text = visitor.get("/cookies/choice/receipt.json").text

    assert shop.log.verify_receipt(text)
    assert not blog.log.verify_receipt(text)
