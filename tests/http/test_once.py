"""What is told once."""

from __future__ import annotations

from flask_cookieconsent.http.once import Once


def test_each_subject_is_new_once() -> None:
    once = Once()

    assert [once.is_new(each) for each in ("a", "b", "a", "b", "c")] == [True, True, False, False, True]
    assert Once().is_new("a"), "another app has not been told"


def test_memory_is_bounded() -> None:
    """Whoever makes up subjects without end is not heard without end."""
    once = Once()

    assert sum(once.is_new(f"/{number}") for number in range(2_000)) == 500
