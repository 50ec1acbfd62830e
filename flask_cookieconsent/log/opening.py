"""Opening the log of one app: its own database, where it has one, or lines of the logger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask

from flask_cookieconsent.core.registry import Registry
from flask_cookieconsent.settings import Settings

from .events import EventFactory
from .interface import Log, LoggerLog
from .spool import Spool

if TYPE_CHECKING:
    from flask_sqlalchemy import SQLAlchemy


def open_log(app: Flask, settings: Settings, registry: Registry, factory: EventFactory, db: SQLAlchemy | None) -> Log:
    """Return the log of an app, after a check that its `db` can hold it.

    :raises SetupError: if it cannot.
    """
    if db is None:
        return LoggerLog(settings, registry, factory)
    # Imported here: an app without a database needs no SQLAlchemy.
    from .database import DatabaseLog
    from .layout import bind_of, check_engines
    from .models import event_model

    check_engines(app, db, bind_of(event_model(db)))
    spool = Spool(spool_folder(app, settings), factory.keys, factory.scope)
    spool.close_to_others()
    return DatabaseLog(db, spool, settings, registry, factory)


def spool_folder(app: Flask, settings: Settings) -> Path:
    """Return the folder in which an app keeps what waits on disk."""
    return Path(settings.spool_folder or app.instance_path + "/cookieconsent-spool")
