"""How many choices were of which kind: counters of events, and how they are told without telling on anybody (F6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_cookieconsent.core.consent import Kind

#: Fewer than this are not told apart: few choices may be those of somebody.
SMALLEST_GROUP = 5

#: By heading: how many events of each name. `allowed` and `answered` count services, the others count events.
Tally = dict[str, Counter[str]]


HEADINGS = ("kind", "answer", "method", "locale", "policy_version", "signal", "allowed", "answered")

#: What an answer was as a whole; withdrawals are counted as such, and are no answers.
ANSWERS = ("accepted", "mixed", "refused")


_ANSWERING = (Kind.GIVEN.value, Kind.CHANGED.value, Kind.REFUSED.value)


def tally(rows: Iterable[Mapping[Any, Any]], categories: Mapping[str, Iterable[str]]) -> Tally:
    """Count events that are given in groups: `count` of a kind, method, locale, version, signal and choices.

    *categories* maps each category to its optional services; it is allowed only where all of them are.
    """
    found: Tally = {heading: Counter() for heading in HEADINGS}
    for row in rows:
        count, choices = row["count"], row["choices"]
        for heading in ("kind", "method", "locale", "policy_version"):
            found[heading][row[heading]] += count
        found["signal"]["on" if row["gpc"] else "off"] += count
        if row["kind"] not in _ANSWERING:
            continue
        found["answer"][_answer(choices.values())] += count
        answered = {id: answer == "granted" for id, answer in choices.items() if answer != "undecided"}
        for category, services in categories.items():
            known = [answered[id] for id in services if id in answered]
            if known:
                answered[category] = all(known)
        for name, allowed in answered.items():
            found["answered"][name] += count
            found["allowed"][name] += count if allowed else 0
    return found


def _answer(answers: Iterable[str]) -> str:
    every = set(answers)
    if every == {"granted"}:
        return "accepted"
    return "mixed" if "granted" in every else "refused"


def total(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up."""
    found: Tally = {heading: Counter() for heading in HEADINGS}
    for each in tallies:
        for heading, counter in each.items():
            found.setdefault(heading, Counter()).update(counter)
    return found


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The choices of some days, both included; `is_whole` is false where too many events are not counted yet."""

    since: date
    until: date
    days: Mapping[date, Tally]
    is_whole: bool = True

    @property
    def total(self) -> Tally:
        """The counters of all days."""
        return total(self.days.values())


@dataclass(frozen=True, kw_only=True)
class Condition:
    """Whether the log can be relied on: the newest sealed day and what is wrong with it, and what waits on disk."""

    sealed_until: date | None
    mistakes: tuple[str, ...]
    days_to_seal: int
    waiting: int
    most_waiting: int


def told(counter: Mapping[str, int]) -> dict[str, int | None]:
    """Return the counts of groups that are large enough to be told apart, None for the others.

    Where a single group is small, the next one is kept back too: with the sum of all, the small one would be known.
    """
    small = {name for name, count in counter.items() if 0 < count < SMALLEST_GROUP}
    if len(small) == 1:
        small |= set(sorted((name for name in counter if counter[name] and name not in small), key=counter.get)[:1])  # type: ignore[arg-type]
    return {name: None if name in small else count for name, count in counter.items()}


def share(part: int, whole: int) -> float | None:
    """Return a part as a share of the whole, None where either side of it is too small to be told."""
    if any(0 < each < SMALLEST_GROUP for each in (part, whole - part)) or not whole:
        return None
    return part / whole
