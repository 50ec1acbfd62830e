"""The condition of the log at a glance: seals, the last verification, and what waits on the disk."""

from __future__ import annotations

from datetime import date
from itertools import islice

from .events import Keys
from .sealed import sealed_until
from .seals import days_to_seal
from .spool import Spool
from .statistics import MOST_DAYS, Condition, Verified
from .tables import Tables


def condition(
    tables: Tables, spool: Spool, keys: Keys, today: date, verified: Verified | None, *, is_interrupted: bool
) -> Condition:
    """Return the condition of a log, of which no row of an event is read; needs an app context."""
    return Condition(
        sealed_until=sealed_until(tables.seals, keys),
        days_to_seal=sum(1 for _ in islice(days_to_seal(tables, keys, today), MOST_DAYS)),
        verified=verified,
        waiting=len(spool),
        put_aside=spool.put_aside,
        is_interrupted=is_interrupted,
    )
