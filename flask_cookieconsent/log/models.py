"""The tables of the log on an app's own `db`: mixins for models of the app's, and ready models where it has none."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import mapped_column

from .violations import violation_table

# On MariaDB and MySQL the ordinary types end at 64 KiB: 4,096 events of a day, or a long notice.
_LONG_TEXT = sa.Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


_LONG_BYTES = sa.LargeBinary().with_variant(mysql.LONGBLOB(), "mysql", "mariadb")

# There a table takes the character set and the order of its server, unless it has its own: latin1 holds no Greek, and
# the sites "Shop" and "shop" would be one.
_EXACT_TEXT = {
    f"{dialect}_{option}": value
    for dialect in ("mysql", "mariadb")
    for option, value in (("charset", "utf8mb4"), ("collate", "utf8mb4_bin"))
}


class ConsentEventMixin:
    """The columns of one event, for a model of the app's own; none of them says who the visitor is (F3).

    Define such a model before the extension is given the `db`, or give the `db` to `init_app`.

    `time` is UTC without a zone, cut to the minute, and to the day where something was refused. `receipt` is the
    SHA-256 of the visitor's receipt, null for refusals. `validity` counts days. `mac` is an HMAC-SHA256 over all the
    others. Nothing refers to another table, so nothing can take an event away with it.
    """

    __tablename__ = "cookieconsent_event"
    __table_args__ = _EXACT_TEXT

    # Without annotations, because on a `MappedAsDataclass` base an annotated column of a plain mixin is refused.
    id = mapped_column(sa.String(32), primary_key=True)
    time = mapped_column(sa.DateTime, index=True, nullable=False)
    kind = mapped_column(sa.String(16), nullable=False)
    method = mapped_column(sa.String(16), nullable=False)
    choices = mapped_column(sa.JSON, nullable=False)
    gpc = mapped_column(sa.Boolean, nullable=False)
    receipt = mapped_column(sa.String(64), index=True, nullable=True)
    previous = mapped_column(sa.String(32), nullable=True)
    notice = mapped_column(sa.String(64), nullable=False)
    locale = mapped_column(sa.String(40), nullable=False)
    policy_version = mapped_column(sa.String(40), nullable=False)
    scope = mapped_column(sa.String(40), nullable=False)
    validity = mapped_column(sa.Integer, nullable=False)
    mac = mapped_column(sa.String(64), nullable=False)


class ConsentNoticeMixin:
    """The columns of one notice: what visitors were shown, kept under its digest from the first event on (F2).

    `snapshot` is the canonical JSON that the digest is of, `html` what it looked like, `first_used` a UTC day, `place`
    its number among all in the order in which they came. `mac` is an HMAC-SHA256 over all the others.
    """

    __tablename__ = "cookieconsent_notice"
    __table_args__ = _EXACT_TEXT

    digest = mapped_column(sa.String(64), primary_key=True)
    locale = mapped_column(sa.String(40), nullable=False)
    policy_version = mapped_column(sa.String(40), nullable=False)
    first_used = mapped_column(sa.Date, nullable=False)
    place = mapped_column(sa.Integer, nullable=False)
    snapshot = mapped_column(_LONG_TEXT, nullable=False)
    html = mapped_column(_LONG_TEXT, nullable=False)
    mac = mapped_column(sa.String(64), nullable=False)


class ConsentSealMixin:
    """The columns of one seal: what the log held of one finished day, so that a row that has gone is missed (F4).

    `ids` are the ids of the day's events in their order, 16 bytes each, and `root` is a digest over their signatures.
    `previous` is the `mac` of the seal before. `purged` are the ids that retention has taken since, for which
    `purge_mac` vouches.
    """

    __tablename__ = "cookieconsent_seal"
    __table_args__ = _EXACT_TEXT

    day = mapped_column(sa.Date, primary_key=True)
    count = mapped_column(sa.Integer, nullable=False)
    root = mapped_column(sa.String(64), nullable=False)
    ids = mapped_column(_LONG_BYTES, nullable=False)
    previous = mapped_column(sa.String(64), nullable=False)
    mac = mapped_column(sa.String(64), nullable=False)
    purged = mapped_column(_LONG_BYTES, nullable=False)
    purge_mac = mapped_column(sa.String(64), nullable=False)


class ConsentCountMixin:
    """The columns of the counts of one finished day of one site, which stay when its events have gone (F6).

    `counts` maps headings (`kind`, `answer`, `method`, `locale`, …) to the number of events of each name.
    """

    __tablename__ = "cookieconsent_count"
    __table_args__ = _EXACT_TEXT

    day = mapped_column(sa.Date, primary_key=True)
    scope = mapped_column(sa.String(40), primary_key=True)
    counts = mapped_column(sa.JSON, nullable=False)


def event_model(db: SQLAlchemy) -> type[Any]:
    """Return the model of events on an app's own `db`, made the first time it is asked for.

    A model of the app's own, made with `ConsentEventMixin`, is used where there is one.
    """
    return _model(db, "ConsentEvent", ConsentEventMixin, "One consent event, without a visitor.")


def notice_model(db: SQLAlchemy) -> type[Any]:
    """Return the model of notices on an app's own `db`, made the first time it is asked for.

    A model of the app's own, made with `ConsentNoticeMixin`, is used where there is one.
    """
    return _model(db, "ConsentNotice", ConsentNoticeMixin, "What visitors were shown, once for each version.")


def seal_model(db: SQLAlchemy) -> type[Any]:
    """Return the model of seals on an app's own `db`, made the first time it is asked for."""
    return _model(db, "ConsentSeal", ConsentSealMixin, "What the log held of one finished day.")


def count_model(db: SQLAlchemy) -> type[Any]:
    """Return the model of daily counts on an app's own `db`, made the first time it is asked for."""
    return _model(db, "ConsentCount", ConsentCountMixin, "How many events of which kind a day had.")


def make_models(db: SQLAlchemy) -> None:
    """Put every table of the log on the metadata of `db`, where migrations have to see them."""
    event_model(db)
    notice_model(db)
    seal_model(db)
    count_model(db)
    violation_table(db)


def _model(db: SQLAlchemy, name: str, mixin: type[Any], doc: str) -> type[Any]:
    found: type[Any] | None = db.metadata.info.get(mixin.__name__)
    if found is None:
        mappers = cast(Any, db.Model).registry.mappers
        own = next((each.class_ for each in mappers if issubclass(each.class_, mixin)), None)
        # The base keeps weak references only: without one that lasts, the class would be gone and its table not.
        found = db.metadata.info[mixin.__name__] = own or type(name, (mixin, db.Model), {"__doc__": doc})
    return found


def create_tables(db: SQLAlchemy) -> None:
    """Create the extension's tables where they do not exist; needs an app context."""
    make_models(db)
    for model in (event_model(db), notice_model(db), seal_model(db), count_model(db)):
        _create(model.__table__, engine_of(db, model))
    _create(violation_table(db), db.engine)


def _create(table: sa.Table, engine: sa.Engine) -> None:
    with engine.begin() as connection:
        # Two workers that start at once may both find no table.
        connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))


def engine_of(db: SQLAlchemy, model: type[Any]) -> sa.Engine:
    """Return the engine of the database that a model is kept in."""
    return db.engines[getattr(model, "__bind_key__", None)]
