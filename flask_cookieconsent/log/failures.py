"""What an error of the database layer means and what to do, in one line that holds nothing of the row (F3).

SQLAlchemy's classes are known by their names: an app without a database needs no SQLAlchemy.
"""

from __future__ import annotations

import re

from flask_cookieconsent.errors import DatabaseUnavailableError

# The first matches; each on the first line of what the driver says, in the words of SQLite, PostgreSQL and MariaDB.
_SAYS = (
    (
        re.compile(r"no such column|has no column|column \S+ (of relation \S+ )?does not exist|Unknown column"),
        "a table of the log has not the columns of this release: migrate",
    ),
    (
        re.compile(r"no such table|relation \S+ does not exist|Table \S+ doesn't exist"),
        "a table of the log is missing: run `flask cookieconsent init-db`, or migrate",
    ),
    (
        re.compile(r"database (table )?is locked|Lock wait timeout|lock timeout"),
        "another writer holds a lock, maybe this very request, in work of the app that it has not committed",
    ),
    (
        re.compile(r"readonly database|read-only transaction|READ ONLY transaction|--read-only option"),
        "the database takes no writes: it is a replica, or the rights to its file or folder are missing",
    ),
    (
        re.compile(r"disk is full|No space left on device|could not extend file|The table \S+ is full|Disk full"),
        "the disk of the database is full",
    ),
    (re.compile(r"doesn't have a default value"), "the database refuses the row, check models of your own"),
)


# In the order in which they are asked: `IntegrityError` is a `DBAPIError` too.
_IS = (
    ({"UnboundExecutionError", "KeyError"}, "the configuration names no database for the log, check SQLALCHEMY_BINDS"),
    ({"IntegrityError", "DataError", "ProgrammingError"}, "the database refuses the row, check models of your own"),
    ({"DatabaseUnavailableError", "DBAPIError", "TimeoutError"}, "database unavailable"),
)


def hide_row(error: BaseException) -> None:
    """Keep the values of the row out of what is said of an error from now on, in tracebacks and by others too."""
    if hasattr(error, "hide_parameters"):
        error.hide_parameters = True


def is_of_database(error: BaseException) -> bool:
    """Tell whether an error is of the database: from SQLAlchemy, what it passes on of a driver, or from the breaker."""
    is_late = isinstance(error, DatabaseUnavailableError)
    return is_late or any(each.__name__ == "SQLAlchemyError" for each in type(error).__mro__)


def explanation(error: BaseException) -> str:
    """Return a sentence for the operator: the cause where it is known, and the first line of what the driver says."""
    said = _first_line(error)
    for pattern, meaning in _SAYS:
        if pattern.search(said):
            return f"{meaning} ({said})"
    names = {each.__name__ for each in type(error).__mro__}
    for kinds, meaning in _IS:
        if kinds & names:
            return f"{meaning} ({type(error).__name__}: {said})"
    return f"{type(error).__name__}: {said}"


def _first_line(error: BaseException) -> str:
    # What follows may be the values of the row, or the statement with them.
    original = getattr(error, "orig", None)
    return str(error if original is None else original).partition("\n")[0][:300]
