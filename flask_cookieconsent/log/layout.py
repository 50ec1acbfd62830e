"""Checks, at the start, that an app's own models and databases can hold the log; what cannot is named."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent.errors import SetupError


def bind_of(model: type[Any]) -> str | None:
    """Return the `__bind_key__` of a model, None for the main database."""
    bind: str | None = getattr(model, "__bind_key__", None)
    return bind


def check_models(models: Iterable[tuple[type[Any], type[Any]]]) -> None:
    """Check each model against its mixin; the first is that of events.

    :raises SetupError: if an event could never be inserted, or the log would be torn apart.
    """
    pairs = list(models)
    bind = bind_of(pairs[0][1])
    for mixin, model in pairs:
        for column in model.__table__.columns:
            if not hasattr(mixin, column.key) and _needs_a_value(column):
                raise SetupError(
                    f"model {model.__name__!r} has a column {column.name!r} without a value for new rows of the log; "
                    "found neither nullable=True nor a default, wanted mapped_column(default=…) or nullable=True"
                )
        if bind_of(model) != bind:
            raise SetupError(
                f"model {model.__name__!r} has __bind_key__ {bind_of(model)!r}, that of events {bind!r}; "
                "the tables of the log belong together: give all of your models of it the same"
            )


def _needs_a_value(column: sa.Column[Any]) -> bool:
    table: Any = column.table
    has_value = column.default is not None or column.server_default is not None
    return not (column.nullable or has_value or column is table.autoincrement_column)


def check_engines(app: Flask, db: SQLAlchemy, bind: str | None) -> None:
    """Check that an app names the database of its log, where its `db` is initialised already.

    :raises SetupError: if it does not.
    """
    if app.extensions.get("sqlalchemy") is not db:
        return
    with app.app_context():
        engines = db.engines
    if bind not in engines:
        wanted = "SQLALCHEMY_DATABASE_URI" if bind is None else f"{bind!r} in SQLALCHEMY_BINDS"
        raise SetupError(
            f"the tables of cookie consent have no database: found {sorted(map(str, engines))}, wanted {wanted}, or a "
            "model of your own with ConsentEventMixin and the __bind_key__ of one of these"
        )
