"""Which answers differ by visitor, and not by the moment or by chance: whoever asks again gets the same again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .answers import Answer
from .asking import Asker

#: How often each of two visitors asks again.
_TIMES = 2
# What tells a cache in so many words that it may keep an answer (RFC 9111, section 5.2.2).
_KEPT = ("public", "s-maxage", "max-age")


def differing(rounds: Iterable[tuple[Asker, Iterable[Answer]]]) -> frozenset[tuple[str, str]]:
    """Return origin and path of the answers that a cache is told to keep, and whose text is another for each visitor.

    Each round has one visitor's way to ask, and what came of it. A page that counts its readers differs each time, and
    is not meant.
    """
    asked: dict[tuple[str, str], list[tuple[Asker, Answer]]] = {}
    for asker, answers in rounds:
        for answer in answers:
            if answer.method == "GET" and answer.status == 200 and answer.body and _is_kept(answer):
                asked.setdefault((answer.address.base, answer.address.path), []).append((asker, answer))
    return frozenset(key for key, got in asked.items() if any(map(_is_steady, _pairs(got))))


def _is_kept(answer: Answer) -> bool:
    control = ", ".join(answer.all("cache-control")).lower()
    return any(word in control for word in _KEPT) and "private" not in control and "no-store" not in control


def _pairs(got: list[tuple[Asker, Answer]]) -> Iterator[list[tuple[Asker, Answer]]]:
    """Yield the first with each that got another text."""
    first = got[0]
    yield from ([first, other] for other in got[1:] if other[1].body != first[1].body)


def _is_steady(pair: list[tuple[Asker, Answer]]) -> bool:
    return all(asker.ask(answer.address).body == answer.body for _ in range(_TIMES) for asker, answer in pair)
