"""SQLAlchemy mixins and models of the log on an app's own `db`; ready models where the app has none."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import mapped_column

from .layout import bind_of

# On MariaDB and MySQL the ordinary types end at 64 KiB: a long notice, or 4,096 erased events of a day.
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

    `time` is UTC without a zone, cut to the minute, and to the day where something was refused. `recorded_on` is the
    UTC day on which the row was written, later than `time` where the event waited on disk. `receipt` is the SHA-256 of
    the visitor's receipt, null for refusals, and `previous_receipt` that of the one before, which links an event to the
    one that it follows. `validity` counts days. `mac` is an HMAC-SHA256 over all the others. Nothing refers to another
    table, so nothing can take an event away with it.
    """

    __tablename__ = "cookieconsent_event"
    # SQLite would number the rows, and so tell the order of a day that their times and ids do not.
    __table_args__ = _EXACT_TEXT | {"sqlite_with_rowid": False}

    # Without annotations, because on a `MappedAsDataclass` base an annotated column of a plain mixin is refused.
    id = mapped_column(sa.String(32), primary_key=True)
    # Seals, counts and retention go by it; ids begin with the minute, so they find a time.
    recorded_on = mapped_column(sa.Date, index=True, nullable=False)
    time = mapped_column(sa.DateTime, nullable=False)
    kind = mapped_column(sa.String(16), nullable=False)
    method = mapped_column(sa.String(16), nullable=False)
    choices = mapped_column(sa.JSON, nullable=False)
    gpc = mapped_column(sa.Boolean, nullable=False)
    receipt = mapped_column(sa.String(64), index=True, nullable=True)
    previous_receipt = mapped_column(sa.String(64), nullable=True)
    notice = mapped_column(sa.String(64), nullable=False)
    locale = mapped_column(sa.String(40), nullable=False)
    policy_version = mapped_column(sa.String(40), nullable=False)
    scope = mapped_column(sa.String(40), nullable=False)
    validity = mapped_column(sa.Integer, nullable=False)
    mac = mapped_column(sa.String(64), nullable=False)


class ConsentNoticeMixin:
    """The columns of one notice: what visitors were shown, kept under its digest from the first event on (F2).

    `snapshot` is the canonical JSON that the digest is of, `html` what it looked like, `first_used` a UTC day,
    `sequence` its number, from 1, in the order in which they came. `mac` is an HMAC-SHA256 over all the others.
    """

    __tablename__ = "cookieconsent_notice"
    __table_args__ = _EXACT_TEXT

    digest = mapped_column(sa.String(64), primary_key=True)
    locale = mapped_column(sa.String(40), nullable=False)
    policy_version = mapped_column(sa.String(40), nullable=False)
    first_used = mapped_column(sa.Date, nullable=False)
    sequence = mapped_column(sa.Integer, nullable=False)
    snapshot = mapped_column(_LONG_TEXT, nullable=False)
    html = mapped_column(_LONG_TEXT, nullable=False)
    mac = mapped_column(sa.String(64), nullable=False)


class ConsentSealMixin:
    """The columns of one seal: what was recorded on one finished day, so that a row that has gone is missed (F4).

    `refusals` and `others` are the numbers of events, `refusals_hash` and `others_hash` multiset hashes of their MACs,
    and `counts_hash` is the SHA-256 of the MACs of the day's counts, all in hexadecimal. `previous` is the `mac` of the
    seal before, so that seals are a hash chain.

    What has been taken since is noted: `refusals_purged` and `others_purged` are `"no"`, `"begun"` or `"done"`,
    `erased` holds the ids of erased events, 16 bytes each, and `erased_hash` their multiset hash. `note_mac` vouches
    for that.
    """

    __tablename__ = "cookieconsent_seal"
    __table_args__ = _EXACT_TEXT

    day = mapped_column(sa.Date, primary_key=True)
    refusals = mapped_column(sa.Integer, nullable=False)
    refusals_hash = mapped_column(sa.String(64), nullable=False)
    others = mapped_column(sa.Integer, nullable=False)
    others_hash = mapped_column(sa.String(64), nullable=False)
    counts_hash = mapped_column(sa.String(64), nullable=False)
    previous = mapped_column(sa.String(64), nullable=False)
    mac = mapped_column(sa.String(64), nullable=False)
    refusals_purged = mapped_column(sa.String(8), nullable=False)
    others_purged = mapped_column(sa.String(8), nullable=False)
    erased = mapped_column(_LONG_BYTES, nullable=False)
    erased_hash = mapped_column(sa.String(64), nullable=False)
    note_mac = mapped_column(sa.String(64), nullable=False)


class ConsentCountMixin:
    """The columns of the counts of one day of one site, which stay when its events have gone (F6).

    `counts` maps headings (`kind`, `answer`, `method`, `locale`, …) to the number of events of each name. `source` is
    `"written"` for the rows that were recorded on a finished day, `"unwritten"` for events beyond the rate limit, and
    `"verified"` for what `verify` has looked at and found. `mac` is an HMAC-SHA256 over all the others.
    """

    __tablename__ = "cookieconsent_count"
    __table_args__ = _EXACT_TEXT

    day = mapped_column(sa.Date, primary_key=True)
    scope = mapped_column(sa.String(40), primary_key=True)
    source = mapped_column(sa.String(16), primary_key=True)
    counts = mapped_column(sa.JSON, nullable=False)
    mac = mapped_column(sa.String(64), nullable=False)


class ConsentViolationMixin:
    """The columns of one thing that a Content-Security-Policy blocked on one day, and how often."""

    __tablename__ = "cookieconsent_violation"

    day = mapped_column(sa.Date, primary_key=True)
    directive = mapped_column(sa.String(40), primary_key=True)
    host = mapped_column(sa.String(253), primary_key=True)
    count = mapped_column(sa.Integer, nullable=False)


#: In the order of `Models`.
MIXINS = (ConsentEventMixin, ConsentNoticeMixin, ConsentSealMixin, ConsentCountMixin, ConsentViolationMixin)


def event_model(db: SQLAlchemy) -> type[Any]:
    """Return the model of events on an app's own `db`, made the first time it is asked for.

    A model of the app's own, made with `ConsentEventMixin`, is used where there is one.
    """
    return _model(db, ConsentEventMixin, "One consent event, without a visitor.")


def notice_model(db: SQLAlchemy) -> type[Any]:
    """Return the model of notices on an app's own `db`, made the first time it is asked for.

    A model of the app's own, made with `ConsentNoticeMixin`, is used where there is one.
    """
    return _model(db, ConsentNoticeMixin, "What visitors were shown, once for each version.")


def seal_model(db: SQLAlchemy) -> type[Any]:
    """Return the model of seals on an app's own `db`, made the first time it is asked for."""
    return _model(db, ConsentSealMixin, "What the log held of one finished day.")


def count_model(db: SQLAlchemy) -> type[Any]:
    """Return the model of daily counts on an app's own `db`, made the first time it is asked for."""
    return _model(db, ConsentCountMixin, "How many events of which kind a day had.")


def violation_model(db: SQLAlchemy) -> type[Any]:
    """Return the model of violations on an app's own `db`, made the first time it is asked for."""
    return _model(db, ConsentViolationMixin, "What a Content-Security-Policy blocked, by day.")


class Models(NamedTuple):
    """The models of the log on an app's own `db`, for queries: its own ones where it has defined any."""

    Event: type[Any]
    Notice: type[Any]
    Seal: type[Any]
    DailyCount: type[Any]
    Violation: type[Any]

    @classmethod
    def of(cls, db: SQLAlchemy) -> Models:
        """Return the models of a `db`, made the first time they are asked for."""
        return cls(event_model(db), notice_model(db), seal_model(db), count_model(db), violation_model(db))


def _model(db: SQLAlchemy, mixin: type[Any], doc: str) -> type[Any]:
    model: type[Any] | None = db.metadata.info.get(mixin.__name__)
    if model is None:
        mappers = cast(Any, db.Model).registry.mappers
        own = next((mapper.class_ for mapper in mappers if issubclass(mapper.class_, mixin)), None)
        # The base keeps weak references only: without one that lasts, the class would be gone and its table not.
        model = db.metadata.info[mixin.__name__] = own or type(_name(mixin), (mixin, db.Model), _body(db, mixin, doc))
    return model


def _name(mixin: type[Any]) -> str:
    # An app that has a `ConsentNotice` of its own says `relationship("ConsentNotice")` and means that.
    return "FlaskCookieConsent" + mixin.__name__.removeprefix("Consent").removesuffix("Mixin")


def _body(db: SQLAlchemy, mixin: type[Any], doc: str) -> dict[str, Any]:
    # A log is in one database: that of the app's own events, where there are any.
    bind = None if mixin is ConsentEventMixin else bind_of(event_model(db))
    return {"__doc__": doc} | ({"__bind_key__": bind} if bind else {})
