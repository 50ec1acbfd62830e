"""Conflicts between transactions (serialization failure, deadlock), and the second try that they are answered with.

Whoever loses such a conflict is told so by an error; nothing of that transaction is in the database, so to run it again
writes nothing twice. An app without a database needs no SQLAlchemy, so errors are known by what they carry.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

#: Times that a transaction is run: each conflict is one that somebody else has won, and many may write at once.
TRIES = 8

# Seconds at most before the second try, and twice as many before each that follows. By chance, so that those who lost
# together do not meet again: with twelve erasures of one day at once on three nodes, one in ten lost five times.
_PAUSE = 0.005

# SQLSTATE (PostgreSQL, appendix A, class 40): serialization_failure, which is what CockroachDB and YugabyteDB answer
# too, and deadlock_detected.
_STATES = {"40001", "40P01"}

# MariaDB and MySQL: lock wait timeout, deadlock (a lost certification on Galera, too), and a record that has changed
# since the transaction read it (`innodb_snapshot_isolation`). Their SQLSTATE is 40001 or HY000, and no driver has it.
# Not 1047 (a node of Galera that has lost the others) and 1180 (lost them while it committed): the database is away.
# With `wsrep_sync_wait` such a node may say 1205 for it, and then a few tries more do no harm.
_NUMBERS = {1020, 1205, 1213}


def is_conflict(error: BaseException) -> bool:
    """Tell whether an error says that a transaction was rolled back in favour of another, and would work if run again.

    A lock of SQLite (`database is locked`) is none: its driver has waited for it already.
    """
    original = getattr(error, "orig", None)  # what SQLAlchemy passes on of a driver
    if not isinstance(original, Exception):
        return False
    # psycopg, psycopg2; mysql-connector and MariaDB's own driver; PyMySQL and mysqlclient.
    state = getattr(original, "sqlstate", None) or getattr(original, "pgcode", None)
    number = getattr(original, "errno", None) or next(iter(original.args), None)
    return state in _STATES or number in _NUMBERS


def try_again(transaction: Callable[[], Result], pause: Callable[[float], None] = time.sleep) -> Result:
    """Return what a transaction returns; one that met a conflict is run again, as a whole, a few times at most.

    *transaction* begins and commits by itself, reads all that it goes by, and keeps nothing of a try that failed.

    :raises sqlalchemy.exc.DBAPIError: if the last try met a conflict too, or if any met another error.
    """
    for number in range(TRIES - 1):
        try:
            return transaction()
        except Exception as error:
            if not is_conflict(error):
                raise
        pause(random.uniform(0, _PAUSE * 2**number))
    return transaction()
