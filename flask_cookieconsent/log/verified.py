"""Outcomes of verifications, kept in the log: a signed row for each day on which there was one."""

from __future__ import annotations

import json
import logging
from dataclasses import asdict
from datetime import date

import sqlalchemy as sa

from .daily_counts import VERIFIED, count_texts, is_genuine_count, same_count
from .events import Keys
from .failures import explanation
from .rows import as_day
from .statistics import Verified
from .tables import Tables

logger = logging.getLogger("flask_cookieconsent.events")

# What somebody has changed does not count; so many are looked at.
_MOST = 30


def last_verified(tables: Tables, keys: Keys, scope: str, today: date) -> Verified | None:
    """Return the outcome of the newest verification of a site, None where there is none; needs an app context."""
    counts = tables.counts
    query = count_texts(counts).where(counts.c.scope == scope, counts.c.source == VERIFIED, counts.c.day <= today)
    with counts.connect() as connection:
        for row in connection.execute(query.order_by(counts.c.day.desc()).limit(_MOST)).mappings():
            day = as_day(row["day"])
            if day is not None and is_genuine_count(row, keys):
                kept = json.loads(row["counts"])
                return Verified(
                    made_on=day, events=kept["events"], mistakes=kept["mistakes"], reached=as_day(kept["reached"])
                )
    return None


def keep_verified(tables: Tables, keys: Keys, scope: str, outcome: Verified) -> None:
    """Write the outcome of a verification; a database that takes no writes is told by the logger."""
    counts = tables.counts
    key = {"day": outcome.made_on, "scope": scope, "source": VERIFIED}
    kept = asdict(outcome) | {"reached": outcome.reached and outcome.reached.isoformat()}
    del kept["made_on"]

    def write(connection: sa.Connection) -> None:
        connection.execute(sa.delete(counts.table).where(same_count(counts, key)))
        connection.execute(sa.insert(counts.table), keys.with_mac({**key, "counts": kept}))

    try:
        counts.transact(write)
    except sa.exc.SQLAlchemyError as error:  # a replica is verified as well
        logger.warning("outcome of the verification not kept: %s", explanation(error))
