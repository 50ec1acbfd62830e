"""What somebody with the database and without the key does behind the back of a log, and what its commands say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.log.tables import Tables

from .sites import Clock, Site, make_site

#: The days of `four_days`: three with a seal, and one without.
SEALED, UNSEALED = (date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)), date(2026, 11, 26)

#: What `verify` says at the end where it has found nothing.
WHOLE = "What was checked is as it was written.\n"


def four_days(uri: str = "sqlite://", **config: Any) -> Site:
    """Return a site with two grants, one withdrawal and one refusal on each of four days, the last without a seal."""
    site = make_site(clock=Clock(), uri=uri, **config)
    for _ in (*SEALED, UNSEALED):
        one_day(site)
    assert command(site, "seal")[1].startswith("Sealed: 2026-11-23, 2026-11-24, 2026-11-25.\n")
    return site


def one_day(site: Site) -> None:
    """Let visitors choose four times, and the day end."""
    visitor = site.visitor()
    for choice in ("accept", "withdraw", "accept"):
        visitor.choose(choice)
    site.visitor().choose("reject")
    site.clock.forward(days=1)


def command(site: Site, *args: str) -> tuple[int, str]:
    """Return exit status and output of a command."""
    result = site.app.test_cli_runner().invoke(args=["cookieconsent", *args])
    return result.exit_code, result.output


def tables_of(site: Site) -> Tables:
    """Return the tables of the log of a site."""
    return Tables.of(site.db)


def behind(site: Site, work: Callable[[sa.Connection, Tables], Any]) -> Any:
    """Do something to the tables behind the back of the log, and return what that returns."""
    with site.app.app_context(), site.db.engine.begin() as connection:
        return work(connection, tables_of(site))


def rows_of(site: Site, name: str = "events") -> list[dict[str, Any]]:
    """Return all rows of a table of the log, in the order of its key."""
    table = getattr(tables_of(site), name).table
    with site.app.app_context(), site.db.engine.connect() as connection:
        query = sa.select(table).order_by(*table.primary_key.columns)
        return [dict(row) for row in connection.execute(query).mappings()]


def bring_back(site: Site, name: str, rows: list[dict[str, Any]]) -> None:
    """Make a table what it was, as a backup does."""
    table = getattr(tables_of(site), name).table
    behind(site, lambda connection, tables: connection.execute(sa.delete(table)))
    behind(site, lambda connection, tables: put_in(site, connection, name, rows))


def put_in(site: Site, connection: sa.Connection, name: str, rows: list[dict[str, Any]]) -> None:
    """Insert rows into a table."""
    table = getattr(tables_of(site), name).table
    if rows:
        connection.execute(sa.insert(table), rows)
