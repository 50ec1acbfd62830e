"""Counts of events by heading, and what is told of them: whole weeks, rounded, so that nobody is singled out (F6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from flask_cookieconsent.core.consent import Kind

#: Every count that is told is the nearest multiple of this (rounding to base 5): one or two are told as none.
#: No law names a number. WP216 (Opinion 05/2014 of the Article 29 Working Party on anonymisation) calls too small a
#: group a mistake and names none; five is the base of the statistics of British universities (HESA), and such tables
#: hold no other attribute here.
BASE = 5

#: A share is told of no fewer than these, as HESA does: of 23 and more.
SMALLEST_WHOLE = 25

#: Finished days without a seal that are looked for; beyond it there are so many and more.
MOST_DAYS = 400

#: By heading: how many events of each name. `allowed` and `answered` count services, the others count events.
Tally = dict[str, Counter[str]]

HEADINGS = ("kind", "answer", "method", "locale", "policy_version", "signal", "allowed", "answered")

#: What an answer was as a whole; withdrawals are counted as such, and are no answers.
ANSWERS = ("accepted", "mixed", "refused")

_ANSWERING = (Kind.GIVEN.value, Kind.CHANGED.value, Kind.REFUSED.value)


def tally(rows: Iterable[Mapping[Any, Any]], categories: Mapping[str, Iterable[str]]) -> Tally:
    """Count events that are given in groups: `count` of a kind, method, locale, version, signal and choices.

    *categories* maps each category to its optional services; it is allowed only where all of them are. What names no
    notice of the site (`has_notice`) is no answer.
    """
    counters: Tally = {heading: Counter() for heading in HEADINGS}
    for row in rows:
        count, choices = row["count"], row["choices"]
        for heading in ("kind", "method", "locale", "policy_version"):
            counters[heading][row[heading]] += count
        counters["signal"]["on" if row["gpc"] else "off"] += count
        if row["kind"] not in _ANSWERING or not row.get("has_notice", True):
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


def with_scope(counters: Tally, scope: str) -> Tally:
    """Return the tally of one scope with one more heading, `scope`: how many events are of which."""
    return counters | {"scope": Counter({scope: counters["kind"].total()})}


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
    """The choices of some days, both included, each day by itself, or each week under its Monday where it is rounded.

    `is_whole` is false where too many events are not counted yet.
    """

    since: date
    until: date
    days: Mapping[date, Tally]
    is_whole: bool = True

    @property
    def total(self) -> Tally:
        """The counters of all days, or weeks."""
        return total(self.days.values())


def joined(summaries: Sequence[Summary]) -> Summary:
    """Return the sum of the summaries of several scopes for the same days."""
    days: dict[date, list[Tally]] = {}
    for summary in summaries:
        for day, counters in summary.days.items():
            days.setdefault(day, []).append(counters)
    by_day = {day: total(days[day]) for day in sorted(days)}
    return replace(summaries[0], days=by_day, is_whole=all(summary.is_whole for summary in summaries))


@dataclass(frozen=True, kw_only=True)
class Verified:
    """The outcome of a verification: its day, events read, mistakes, and how far the older days have had their turn."""

    made_on: date
    events: int
    mistakes: int
    reached: date | None


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What a report says of the log: newest sealed day, finished days to seal, last verification, files of the spool.

    No more than `MOST_DAYS` days are counted. `is_interrupted` tells whether this process leaves the database alone.
    """

    sealed_until: date | None
    days_to_seal: int
    verified: Verified | None
    waiting: int
    put_aside: int
    is_interrupted: bool = False

    @property
    def rows(self) -> list[tuple[str, object]]:
        """The names and values for a terminal."""
        verified = self.verified
        return [
            ("sealed until", self.sealed_until or "no day"),
            ("days to seal", f"{self.days_to_seal}{' or more' if self.days_to_seal == MOST_DAYS else ''}"),
            ("verified", f"{verified.made_on}, {verified.mistakes} mistakes" if verified else "never"),
            ("waiting", self.waiting),
            ("put aside", self.put_aside),
            ("database", "left alone, because it did not answer in time" if self.is_interrupted else "answers"),
        ]


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the owner's report says: the choices of some weeks, rounded, and the condition of the log."""

    summary: Summary
    condition: Condition


def whole_weeks(since: date, until: date, today: date) -> tuple[date, date]:
    """Return the Monday before a first day, or itself, and the Sunday after a last one, at most today (ISO 8601)."""
    return _monday(since), until + min(timedelta(days=6 - until.weekday()), max(today - until, timedelta()))


def rounded(summary: Summary) -> Summary:
    """Return a summary of whole weeks, each under its Monday, in which every count is a multiple of `BASE`.

    Whatever is told of several weeks is a sum of what is told of each, so that two answers can be subtracted, and there
    is nothing to learn: no two ranges of days differ by less than a week.
    """
    weeks: dict[date, list[Tally]] = {}
    for day, counters in summary.days.items():
        weeks.setdefault(_monday(day), []).append(counters)
    return replace(summary, days={monday: _rounded(total(tallies)) for monday, tallies in weeks.items()})


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _rounded(counters: Tally) -> Tally:
    # Those who allowed a service and those who did not are groups of their own, and their sum is told of both.
    refused = counters["answered"] - counters["allowed"]
    groups = {heading: _nearest(counter) for heading, counter in counters.items()}
    return groups | {"answered": groups["allowed"] + _nearest(refused)}


def _nearest(counter: Mapping[str, int]) -> Counter[str]:
    told = {name: BASE * round(count / BASE) for name, count in counter.items()}
    return Counter({name: count for name, count in told.items() if count})


def ratio(part: int, whole: int) -> float | None:
    """Return a part as a ratio of the whole, both rounded, 0 to 1; None where rounding would say more than visitors."""
    return part / whole if whole >= SMALLEST_WHOLE else None
