"""Models that refuse to be updated or deleted through the ORM (F4); retention and erasure use SQLAlchemy's Core."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapper, ORMExecuteState

from flask_cookieconsent.errors import AppendOnlyError

_REMEDY = (
    "`flask cookieconsent purge` takes out what is older than the settings keep, and visitors erase their own record "
    "on the page of their receipt; columns of your own may be set on loaded objects"
)
# Set on each table, so that one listener knows the tables of every log.
_MARK = "flask_cookieconsent.append_only"


def make_append_only(db: SQLAlchemy, models: Mapping[type[Any], frozenset[str]]) -> None:
    """Refuse what the sessions of a `db` would change or delete of some models (idempotent).

    Each model comes with the columns of the log: an app may set others, which it has added to a model of its own.
    """
    # Not `event.contains`: it knows a session by an id that another one, which is gone, may have had.
    if db.metadata.info.get(_MARK) is db.session:
        return
    db.metadata.info[_MARK] = db.session
    for model, columns in models.items():
        model.__table__.info[_MARK] = columns
        sa.event.listen(model, "before_update", _refuse_update)
        sa.event.listen(model, "before_delete", _refuse_delete)
    sa.event.listen(db.session, "do_orm_execute", _refuse_statement)


def _refuse_update(mapper: Mapper[Any], connection: sa.Connection, row: Any) -> None:
    table: Any = mapper.local_table
    ours: frozenset[str] = table.info[_MARK]
    changed = [attribute.key for attribute in sa.inspect(row).attrs if attribute.history.has_changes()]
    if ours & set(changed):
        raise AppendOnlyError(f"{type(row).__name__} is part of the consent log, which nobody changes: {_REMEDY}")


def _refuse_delete(mapper: Mapper[Any], connection: sa.Connection, row: Any) -> None:
    raise AppendOnlyError(f"{type(row).__name__} is part of the consent log, which nobody deletes from: {_REMEDY}")


def _refuse_statement(state: ORMExecuteState) -> None:
    if not (state.is_update or state.is_delete):
        return
    table: Any = getattr(state.statement, "table", None)
    if getattr(table, "info", None) and _MARK in table.info:
        what = "changes" if state.is_update else "deletes from"
        raise AppendOnlyError(f"table {table.name!r} is part of the consent log, which nobody {what}: {_REMEDY}")
