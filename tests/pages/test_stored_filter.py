"""What the filter for stored content remembers: the latest contents, within a bound."""

from __future__ import annotations

from flask_cookieconsent.pages.stored_filter import SegmentMemo


def test_memo_is_bounded_by_size() -> None:
    """The least recently used contents go first, as many as it takes."""
    memo = SegmentMemo(100)
    for letter in "abcd":
        memo.put((letter * 20, "host"), (letter,))
    assert memo.get(("a" * 20, "host")) == ("a",)

    memo.put(("e" * 20, "host"), ("e",))

    remembered = [letter for letter in "abcde" if memo.get((letter * 20, "host"))]
    assert remembered == ["a", "c", "d", "e"]


def test_memo_is_bounded_by_size_twin() -> None:
    """What is too long for it is not kept, and drives out nothing; the same twice counts once."""
    memo = SegmentMemo(100)
    for _ in range(9):
        memo.put(("a" * 20, "host"), ("a",))
        memo.put(("b" * 22, "host"), ("b",))

    assert memo.get(("a" * 20, "host")) == ("a",)
    assert memo.get(("b" * 22, "host")) is None
