"""The newest seal that is ours, whatever somebody has put in after it, and the key of a seal."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from .events import Keys
from .rows import Row, newest_day, readable
from .tables import LogTable

#: The columns of a seal that are signed with it.
SEALED = ("day", "refusals", "refusals_hash", "others", "others_hash", "counts_hash", "previous")

# So many are passed over, newest first: with a key that is lost nothing is ours, and nobody shall read all of it.
_MOST_FOREIGN = 50


def key_of(seal: Row, keys: Keys) -> bytes | None:
    """Return the key that a seal was signed with, None for none of ours: its hashes are under the same one."""
    return keys.signing_key({name: seal[name] for name in SEALED} | {"mac": seal["mac"]})


def newest_seal(seals: LogTable, keys: Keys) -> Row | None:
    """Return the newest seal that is ours, None where there is none; needs an app context.

    One that somebody has put in, dated far ahead, would stop every seal until that day.
    """
    day: date | None = None
    for _ in range(_MOST_FOREIGN):
        if (day := newest_day(seals, "day", before=day)) is None:
            return None
        seal = next((row for _, row in readable(seals, "day", (*SEALED, "mac"), within=seals.c.day == day)), None)
        if seal is not None and key_of(seal, keys) is not None:
            return seal
    return None


def sealed_until(seals: LogTable, keys: Keys) -> date | None:
    """Return the day of the newest seal that is ours, None where there is none; needs an app context."""
    seal = newest_seal(seals, keys)
    return None if seal is None else seal["day"]


def has_seal(connection: sa.Connection, seals: LogTable, day: date) -> bool:
    """Tell whether a day has a seal, whoever has put it in."""
    return connection.scalar(sa.select(sa.func.count()).where(seals.c.day == day)) != 0
