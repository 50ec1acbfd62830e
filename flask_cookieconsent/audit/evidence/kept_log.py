"""What a log is worth as proof: its verification, seals, what was taken out, its health and its rounded statistics."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_cookieconsent.log.database import DatabaseLog
from flask_cookieconsent.log.events import Keys
from flask_cookieconsent.log.health import Finding, Level
from flask_cookieconsent.log.rows import readable
from flask_cookieconsent.log.sealed import key_of
from flask_cookieconsent.log.seals import PURGED, SEAL, erased_ids, is_note_genuine
from flask_cookieconsent.log.statistics import BASE, HEADINGS, Summary, Tally, ratio, whole_weeks
from flask_cookieconsent.log.tables import LogTable
from flask_cookieconsent.log.verification import Verification

#: Mistakes of a verification that the first page names; the file has them all.
MOST_NAMED = 20

# In place of what `doctor` says: that names places on the server, changes from minute to minute, or is a driver's.
_NOT_OK = {
    "database": "the database does not answer as it should",
    "clock": "the clocks of the server and of its database differ by more than a minute",
    "tables": "a table or a column of the log is missing",
    "seals": "more than a week of finished days has no seal, or a day is sealed that is not over",
    "verification": "mistakes were found, see the top of this page",
    "keys": "no key of the site has signed some of the newest events, or the newest seal",
    "spool": "events wait on the server's disk, are put aside, or could not wait there",
    "disk": "little is free of the disk on which events wait while the database is away",
}
_NOT_TOLD = {"database", "clock", "spool", "disk"}


@dataclass
class Checked:
    """A verification of the whole log: iterate over it once for lines, then it knows what the first page says."""

    verification: Verification
    named: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        """Yield a line for each mistake, and one that says how much was checked."""
        for mistake in self.verification:
            told = _without_place(mistake, str(self.verification.spool.folder))
            if len(self.named) < MOST_NAMED:
                self.named.append(told)
            yield told
        yield str(self.verification.checked)

    @property
    def mistakes(self) -> int:
        """How many things are not as they were written."""
        return self.verification.checked.mistakes

    @property
    def sentence(self) -> str:
        """How much was checked."""
        return str(self.verification.checked)


def _without_place(sentence: str, folder: str) -> str:
    # One line, whatever somebody has written into a row.
    return " ".join(sentence.replace(folder, "of events that wait").split())


@dataclass
class Seals:
    """The seals of a log: iterate over it once for lines of JSON, then it knows what was sealed and taken out."""

    table: LogTable
    keys: Keys
    count: int = 0
    foreign: int = 0
    first: date | None = None
    last: date | None = None
    head: str = ""
    erased: int = 0
    #: Sealed days whose refusals, or whose other events, are gone, and the newest of them.
    refusals_purged: int = 0
    refusals_purged_until: date | None = None
    others_purged: int = 0
    others_purged_until: date | None = None

    def __iter__(self) -> Iterator[str]:
        """Yield each seal, oldest first: its day, how much it sealed, what was taken out since, and the chain."""
        for _, seal in readable(self.table, "day", SEAL):
            if seal is None or key_of(seal, self.keys) is None or not is_note_genuine(seal, self.keys):
                self.foreign += 1
                continue
            day, erased = seal["day"], len(erased_ids(seal))
            self.count, self.last, self.head = self.count + 1, day, seal["mac"]
            self.first, self.erased = self.first or day, self.erased + erased
            if seal["refusals_purged"] == PURGED:
                self.refusals_purged, self.refusals_purged_until = self.refusals_purged + 1, day
            if seal["others_purged"] == PURGED:
                self.others_purged, self.others_purged_until = self.others_purged + 1, day
            yield json.dumps(
                {
                    "day": day.isoformat(),
                    "refusals": seal["refusals"],
                    "other_events": seal["others"],
                    "refusals_purged": seal["refusals_purged"] == PURGED,
                    "other_events_purged": seal["others_purged"] == PURGED,
                    "erased_by_their_bearers": erased,
                    "mac": seal["mac"],
                    "mac_of_the_seal_before": seal["previous"],
                }
            )


def health_of(findings: Iterable[Finding]) -> list[dict[str, str]]:
    """Return what `doctor` finds, without what names a place on the server or changes from minute to minute."""
    return [{"about": each.about, "level": each.level.value, "sentence": _told(each)} for each in findings]


def _told(finding: Finding) -> str:
    if finding.about in _NOT_TOLD:
        return "as it should be" if finding.level is Level.OK else _NOT_OK[finding.about]
    # The sentence of a problem may be what a driver says, with an address in it.
    return _NOT_OK.get(finding.about, "") if finding.level is Level.PROBLEM else finding.sentence


def statistics_of(log: DatabaseLog, since: date, until: date, today: date) -> dict[str, Any]:
    """Return the counts of whole weeks as the owner's report tells them: rounded, so that nobody is singled out."""
    summary: Summary = log.summary(*whole_weeks(since, until, today), is_told=True)
    total = summary.total
    return {
        "since": summary.since.isoformat(),
        "until": summary.until.isoformat(),
        "rounded_to": BASE,
        "is_whole": summary.is_whole,
        "weeks": {monday.isoformat(): _counts(tally) for monday, tally in summary.days.items()},
        "total": _counts(total),
        "allowed": [
            {"name": id, "answered": answered, "share": _share(total["allowed"][id], answered)}
            for id, answered in sorted(total["answered"].items())
        ],
    }


def _share(part: int, whole: int) -> float | None:
    found = ratio(part, whole)
    return found if found is None else round(found, 3)


def _counts(tally: Tally) -> dict[str, dict[str, int]]:
    return {heading: dict(sorted(tally[heading].items())) for heading in (*HEADINGS, "scope") if heading in tally}
