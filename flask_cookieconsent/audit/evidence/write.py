"""Write the evidence of a site: everything that is known of its consent, as files of one folder with a first page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Flask

from flask_cookieconsent.audit.walking.routes import origin
from flask_cookieconsent.i18n import language
from flask_cookieconsent.locales import in_locale
from flask_cookieconsent.log.interface import LoggerLog
from flask_cookieconsent.pages.resources import digest_of
from flask_cookieconsent.state import State, get_state

from .declaration import declared, told_settings
from .first_page import first_page
from .folder import Folder, new_folder
from .notices import Shown, all_shown, history, listed
from .pictures import Camera
from .policies import current_notices, policy_pages
from .processes import processes
from .vocabulary import FIELDS, SOURCE

if TYPE_CHECKING:  # an app without a database needs no SQLAlchemy
    from flask_cookieconsent.log.database import DatabaseLog
    from flask_cookieconsent.log.verification import Verification

_SCHEMA = "record.schema.json"


@dataclass(frozen=True, kw_only=True)
class Period:
    """The days whose events are given, both included, None for the beginning and the end of the log.

    *heads* are MACs of seals that were kept elsewhere, and *scopes* names of other sites that share the log, as
    `verify` takes them.
    """

    since: date | None = None
    until: date | None = None
    heads: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of it: mistakes of the log, errors of the audit, and the number of records."""

    mistakes: int
    errors: int
    records: int


def write_evidence(app: Flask, out: Path, period: Period) -> Outcome:
    """Write the evidence of an app into a new folder; needs an app context.

    Given the same database and clock it is the same, byte for byte, but for pictures, which are a browser's.

    :raises OSError: if there is something in the folder already, or the disk is full.
    :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable.
    """
    with new_folder(out) as folder:
        return _Evidence(app, get_state(app), folder, period).write()


@dataclass
class _Evidence:
    app: Flask
    state: State
    folder: Folder
    period: Period
    #: What the first page is made of.
    told: dict[str, Any] = field(default_factory=dict)

    def write(self) -> Outcome:
        """Write every file, the first page last."""
        style = (files("flask_cookieconsent") / "static" / "fcc.css").read_text("utf-8")
        has_database = not isinstance(self.state.log, LoggerLog)
        if has_database:
            self._database_log.reach()  # a database that hangs ends the command here
        with self.app.test_request_context(base_url=origin(self.app)), in_locale("en"):  # for lazy texts of the site
            declaration = declared(self.state.registry, language("en"))
        settings = told_settings(self.state.settings)
        self.folder.json("declaration.json", declaration)
        self.folder.json("settings.json", settings)
        self.folder.write_text(_SCHEMA, (files(__package__) / _SCHEMA).read_text("utf-8"))
        # Before the notices: its outcome is kept in the log, and what is told below is as it was found.
        checked = self._log() if has_database else {}
        shown, changed = self._notices(style)
        self._policy(style, shown)
        self._processes(shown)
        audit = self._audit()
        self.told |= {
            "made_on": self.state.today,
            "version": version("Flask-CookieConsent"),
            "settings": self.state.settings,
            "setting_values": settings,
            "registry": self.state.registry,
            "declaration": declaration,
            "has_database": has_database,
            "changed_notices": changed,
            "audit": audit,
            "period": self.period,
            "fields": FIELDS,
            "source": SOURCE,
            "log": checked,
        }
        self.folder.write_text("index.html", first_page(self.told, self.folder.names))
        return Outcome(
            mistakes=checked.get("mistakes", 0),
            errors=audit["errors"] if audit else 0,
            records=checked.get("records", 0),
        )

    def _audit(self) -> dict[str, Any] | None:
        """Audit the app, where the parser of HTML is there that the audit needs."""
        if find_spec("justhtml") is None:
            return None
        from .audited import audited

        found = audited(self.app)
        self.folder.json("audit.json", found)
        return found

    # -- the log -------------------------------------------------------------------------------------------------------

    @property
    def _database_log(self) -> DatabaseLog:
        return cast("DatabaseLog", self.state.log)

    def _log(self) -> dict[str, Any]:
        from .kept_log import Checked, Seals, health_of, statistics_of
        from .records import Records

        log, today, period = self._database_log, self.state.today, self.period
        checked = Checked(log.verify(whole=True, heads=period.heads, scopes=period.scopes))
        self.folder.lines("verification.txt", checked)
        of_log = checked.verification
        seals = Seals(of_log.tables.seals, of_log.keys)
        self.folder.lines("seals.jsonl", seals)
        records = Records(of_log.tables.events, of_log.keys, self.state.log_scopes, period.since, period.until, today)
        self.folder.lines("records.jsonl", records)
        health = health_of(log.health())
        self.folder.json("health.json", health)
        until = min(period.until or today, today)
        since = min(period.since or _first_day(of_log, seals.first) or until, until)
        statistics = statistics_of(log, since, until, today)
        self.folder.json("statistics.json", statistics)
        return {
            "mistakes": checked.mistakes,
            "named": checked.named,
            "sentence": checked.sentence,
            "heads": period.heads,
            "seals": seals,
            "records": records.count,
            "left_out": records,
            "health": health,
            "statistics": statistics,
            "retention": self._retention(today),
        }

    def _retention(self, today: date) -> dict[str, date]:
        settings = self.state.settings
        return {"grants": today - settings.grant_retention, "refusals": today - settings.refusal_retention}

    # -- what visitors are shown ---------------------------------------------------------------------------------------

    def _notices(self, style: str) -> tuple[list[Shown], list[str]]:
        rows, is_genuine = self._kept() if not isinstance(self.state.log, LoggerLog) else ((), bool)
        shown, changed = all_shown(rows, is_genuine, current_notices(self.app))
        for each in shown:
            for name, text in each.files(style):
                self.folder.write_text(name, text)
        self.folder.json("notices.json", listed(shown))
        camera = Camera()
        pages = [(each.folder, self.folder.path(f"{each.folder}/notice.html")) for each in shown]
        pictures: dict[str, list[str]] = {}
        for name, picture in camera.pictures(pages):
            self.folder.pieces(name, (picture,))
            pictures.setdefault(name.rpartition("/")[0], []).append(name)
        digest = digest_of("fcc.css")
        self.told |= {
            "notices": shown,
            "pictures": pictures,
            "no_pictures": camera.missing,
            "old_styles": [each for each in shown if not each.has_style_of(digest)],
        }
        return shown, changed

    def _kept(self) -> tuple[Iterator[tuple[str, Any]], Any]:
        from flask_cookieconsent.core.notices import Notice
        from flask_cookieconsent.log.rows import readable

        of_log = self._database_log.verify()
        names = (*Notice.__dataclass_fields__, "first_used", "sequence", "mac")
        return readable(of_log.tables.notices, "digest", names), of_log.keys.is_genuine

    def _policy(self, style: str, shown: Iterable[Shown]) -> None:
        pages = dict(policy_pages(self.app, style))
        for name, text in pages.items():
            self.folder.write_text(name, text)
        self.told |= {"policy_pages": sorted(pages), "history": history(shown)}

    def _processes(self, shown: Iterable[Shown]) -> None:
        settings = self.state.settings
        controller = {
            "name": settings.controller,
            "address": settings.controller_address,
            "contact": settings.contact,
        }
        every = list(shown)
        notices = [
            (each.notice.digest, each.notice.locale, each.notice.policy_version, _iso(each.first_used), each.snapshot)
            for each in every
        ]
        today: Mapping[str, Any] = next((each.snapshot for each in every if each.is_current), {})
        graph = processes(notices, controller, today, settings.url_prefix)
        self.folder.json("processes.jsonld", graph)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _first_day(of_log: Verification, sealed: date | None) -> date | None:
    """Return the first day of which the log knows something: of its oldest event, seal, or count."""
    from flask_cookieconsent.log.rows import next_day

    days = [next_day(of_log.tables.events, "recorded_on", None), next_day(of_log.tables.counts, "day", None), sealed]
    return min((day for day in days if day is not None), default=None)
