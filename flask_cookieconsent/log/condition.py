"""The condition of the log at a glance: seals, the last verification, and what waits on the disk."""

from __future__ import annotations

from datetime import date

from .events import Keys
from .sealed import sealed_until
from .seals import count_days_to_seal
from .spool import Spool
from .statistics import Condition, Verified
from .tables import Tables


def condition(
    tables: Tables, spool: Spool, keys: Keys, today: date, verified: Verified | None, *, is_interrupted: bool
) -> Condition:
    """Return the condition of a log, of which no row of an event is read; needs an app context."""
    return Condition(
        sealed_until=sealed_until(tables.seals, keys),
        days_to_seal=count_days_to_seal(tables, keys, today),
        verified=verified,
        waiting=len(spool),
        put_aside=spool.put_aside,
        is_interrupted=is_interrupted,
    )
