"""Counts of events by heading, and k-anonymous output: counts of small groups are suppressed (F6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_cookieconsent.core.consent import Kind

#: The k of k-anonymity (threshold rule): no count from 1 to 4 is published, because it may be that of somebody.
#: No law names a number. WP216 (Opinion 05/2014 of the Article 29 Working Party on anonymisation) calls too small a k a
#: mistake and names none; five is a convention for tables of counts, and such tables hold no other attribute here.
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
    counters: Tally = {heading: Counter() for heading in HEADINGS}
    for row in rows:
        count, choices = row["count"], row["choices"]
        for heading in ("kind", "method", "locale", "policy_version"):
            counters[heading][row[heading]] += count
        counters["signal"]["on" if row["gpc"] else "off"] += count
        if row["kind"] not in _ANSWERING:
            continue
        counters["answer"][_answer(choices.values())] += count
        answered = {id: answer == "granted" for id, answer in choices.items() if answer != "undecided"}
        for category, services in categories.items():
            grants = [answered[id] for id in services if id in answered]
            if grants:
                answered[category] = all(grants)
        for name, allowed in answered.items():
            counters["answered"][name] += count
            counters["allowed"][name] += count if allowed else 0
    return counters


def _answer(answers: Iterable[str]) -> str:
    every = set(answers)
    if every == {"granted"}:
        return "accepted"
    return "mixed" if "granted" in every else "refused"


def total(tallies: Iterable[Tally]) -> Tally:
    """Return the sum of tallies, heading by heading."""
    counters: Tally = {heading: Counter() for heading in HEADINGS}
    for tally in tallies:
        for heading, counter in tally.items():
            counters.setdefault(heading, Counter()).update(counter)
    return counters


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
    """The integrity of the log: newest sealed day and its mistakes, finished days to seal, files in the spool."""

    sealed_until: date | None
    mistakes: tuple[str, ...]
    days_to_seal: int
    waiting: int
    most_waiting: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the owner's report says: the choices of some days, and the condition of the log."""

    summary: Summary
    condition: Condition


def suppress_small_groups(counter: Mapping[str, int]) -> dict[str, int | None]:
    """Return the counts with None for those below `SMALLEST_GROUP`, zero apart (primary suppression).

    Where that hides a single count, the next smallest is hidden too (complementary suppression): with the sum of all,
    the hidden one would be known.
    """
    hidden = {name for name, count in counter.items() if 0 < count < SMALLEST_GROUP}
    others = [name for name, count in counter.items() if count and name not in hidden]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda name: counter[name]))
    return {name: None if name in hidden else count for name, count in counter.items()}


def ratio(part: int, whole: int) -> float | None:
    """Return a part as a ratio of the whole, 0 to 1, None where either side is suppressed or there is no whole."""
    if not whole or any(0 < count < SMALLEST_GROUP for count in (part, whole - part)):
        return None
    return part / whole
