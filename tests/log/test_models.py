"""The kept notices, and the signatures of rows."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import request
from flask_babel import Babel
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent import ConsentNoticeMixin
from flask_cookieconsent.core.notices import Notice, digest
from flask_cookieconsent.log.events import Keys, event_of
from flask_cookieconsent.log.models import event_model, notice_model
from flask_cookieconsent.log.rows import keep_notice
from flask_cookieconsent.log.tables import Tables
from tests.kit.sites import NOON, Site, make_app, make_site, own, services, soup_of

KEYS = Keys.derive(["a key for tests only"])


def kept(site: Site) -> list[Notice]:
    with site.app.app_context():
        found = [site.log.notice(each.digest) for each in site.log.notices()]
        return [each.notice for each in found if each is not None]


def test_notice_is_kept_with_its_first_event() -> None:
    """F2: what an event names can be looked up, as it was, from the first event on; page views keep nothing."""
    site = make_site()
    visitor = site.visitor()
    page = visitor.get("/")
    assert kept(site) == []

    visitor.press(page, "Accept all", within=".fcc-banner")
    site.visitor().choose("reject")
    (notice,) = kept(site)

    assert {each.notice for each in site.events()} == {notice.digest}
    assert digest(notice.snapshot) == notice.digest
    assert json.loads(notice.snapshot)["locale"] == "en"
    shown = soup_of(notice.html)
    assert shown.select_one(".fcc-banner h2").text == soup_of(page).select_one(".fcc-banner h2").text
    assert {each.text for each in shown.select(".fcc-banner button")} == {"Accept all", "Reject all"}
    assert len(shown.select("input[name=service]")) == len(services())


def test_notice_of_each_language_and_version() -> None:
    """F2, C7: another language, or another declaration, is another notice; the old one stays as it was."""
    db = SQLAlchemy()
    site = make_site(db=db, uri="sqlite://")
    site.visitor().choose("accept")
    before = kept(site)
    richer = make_site(services=[*services(), own("theme", "functionality")])
    richer.visitor().choose("accept")

    assert kept(site) == before
    assert kept(richer)[0].digest != before[0].digest


def test_notice_says_nothing_of_the_visitor() -> None:
    """F3: what is kept is the same for everybody, whoever came first."""
    one, other = make_site(), make_site()
    one.visitor(User_Agent="canary-agent").choose("accept", next="/canary")
    other.visitor(https=True, host="www.example.com").choose("reject")

    assert [each.snapshot for each in kept(one)] == [each.snapshot for each in kept(other)]
    assert kept(one)[0].html == kept(other)[0].html
    assert "canary" not in kept(one)[0].html


def test_notice_that_nobody_was_shown_is_not_kept() -> None:
    """F2, F3: a refusal counts whatever digest its sender has written, and a row keeps none that leads nowhere."""
    site = make_site()
    assert site.visitor().choose("reject", notice="0" * 64).status_code == 303

    assert kept(site) == []
    assert [each.notice for each in site.events()] == [""]


def test_answer_to_an_older_page_names_its_notice(tmp_path: Path) -> None:
    """F2: a refusal from a page of before a deployment names the notice of that page, which was kept at its time."""
    uri = f"sqlite:///{tmp_path}/log.db"
    before = make_site(uri=uri)
    before.visitor().choose("accept")
    after = make_site(uri=uri, services=[*services(), own("theme", "functionality")])
    after.visitor().choose("reject", notice=before.digest)

    assert {each.notice for each in after.events()} == {before.digest}


def with_languages(folder: Path) -> Site:
    """Return a site that speaks two languages, without catalogs of its own."""
    app, speaks = make_app(), ["en", "nl"]
    options: dict[str, Any] = {"default_translation_directories": str(folder)}
    Babel(app, **options, locale_selector=lambda: request.accept_languages.best_match(speaks))
    return make_site(app=app)


@pytest.mark.parametrize(("has_babel", "found"), [(True, {"nl"}), (False, set())])
def test_notices_of_languages_that_the_site_has_not(has_babel: bool, found: set[str], tmp_path: Path) -> None:
    """F2: digests can be worked out in every language; only those of the site's locales and of its page are kept."""
    site = with_languages(tmp_path) if has_babel else make_site()
    app = site.app
    for locale in ("fr", "de", "nl"):
        with app.test_request_context():
            digest = app.extensions["cookieconsent.renderer"].notice_digest(locale)
        for language in ("en", "nl"):
            headers = {"Accept-Language": language}
            answer = site.visitor().choose("accept", locale=locale, notice=digest, headers=headers)
            assert answer.status_code == 303, "who asks for that language has not done wrong"

    assert {each.locale for each in kept(site)} == found


def test_many_workers_keep_one_notice(tmp_path: Path) -> None:
    """F2: whoever is first, one row."""
    site = make_site(uri=f"sqlite:///{tmp_path}/log.db")
    notice = Notice(digest="a" * 64, locale="en", policy_version="1", snapshot="{}", html="<p>")

    def keep(_: int) -> None:
        with site.app.app_context():
            keep_notice(Tables.of(site.db).notices, notice, NOON.date(), KEYS)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(32)))

    assert kept(site) == [notice]


def test_notices_of_one_day_are_in_order() -> None:
    """C7: two versions of one day are told apart by what came first, whatever their digests are."""
    site = make_site()
    with site.app.app_context():
        for digest in ("b", "c", "a"):
            notice = Notice(digest=digest * 64, locale="en", policy_version="1", snapshot="{}", html="")
            keep_notice(Tables.of(site.db).notices, notice, NOON.date(), KEYS)

    assert [each.digest[0] for each in kept(site)] == ["b", "c", "a"]


def test_command_shows_a_notice() -> None:
    """C7: the owner can look at what visitors saw."""
    site = make_site()
    site.visitor().choose("accept")
    (notice,) = kept(site)
    run = site.app.test_cli_runner()

    assert run.invoke(args=["cookieconsent", "notices"]).output == (
        f"{notice.digest}  en     version 1, first used {NOON.date()}\n"
    )
    assert run.invoke(args=["cookieconsent", "notices", notice.digest[:8]]).output == notice.html + "\n"


def test_notice_model_of_the_app() -> None:
    """An app may bring its own model for notices too."""
    db = SQLAlchemy()

    class Shown(ConsentNoticeMixin, db.Model):  # type: ignore[name-defined, misc]
        __tablename__ = "shown"

    assert Tables.of(db).notices.table is Shown.__table__
    assert notice_model(db) is Shown


# -- signatures --------------------------------------------------------------------------------------------------------


def rows_of(site: Site) -> list[dict[str, Any]]:
    table = event_model(site.db).__table__
    with site.app.app_context(), site.db.engine.connect() as connection:
        return [dict(each) for each in connection.execute(sa.select(table)).mappings()]


def test_every_row_is_signed() -> None:
    """F4: whoever has the key can tell a row from a forgery, and whoever has the database alone cannot make one."""
    site = make_site()
    visitor = site.visitor()
    for choice in ("accept", "withdraw", "reject"):
        visitor.choose(choice)

    rows = rows_of(site)
    assert len(rows) == 2
    assert all(KEYS.is_genuine(row) for row in rows)
    assert not any(Keys.derive(["another key of a site"]).is_genuine(row) for row in rows)
    rotated = Keys.derive(["the newer key of a site", "a key for tests only"])
    assert all(rotated.is_genuine(row) for row in rows), "keys rotate"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("kind", "refused"),
        ("choices", {"films": "refused"}),
        ("gpc", True),
        ("receipt", None),
        ("notice", "0" * 64),
        ("previous_receipt", "0" * 64),
        ("recorded_on", date(2026, 11, 24)),
        ("time", NOON.replace(tzinfo=None)),
        ("locale", "nl"),
        ("validity", 400),
        ("scope", "other"),
        ("id", "0" * 32),
        ("mac", "0" * 64),
    ],
)
def test_edits_are_found(name: str, value: Any) -> None:
    """F4: one value of a row changed, and its signature no longer fits."""
    site = make_site()
    site.visitor().choose("accept")
    (row,) = rows_of(site)

    assert KEYS.is_genuine(row)
    assert not KEYS.is_genuine(row | {name: value})


def test_signature_survives_the_database() -> None:
    """F4: what was signed before it was written is what is read."""
    site = make_site()
    site.visitor().choose("accept")
    (row,) = rows_of(site)
    with site.app.app_context():
        (event,) = site.log.newest(1)

    assert event_of(row) == event
    assert KEYS.mac(row) == event.mac


def test_rows_have_no_numbers(tmp_path: Path) -> None:
    """F3: SQLite keeps no order of the events of a day but that of their random ids."""
    site = make_site(uri=f"sqlite:///{tmp_path}/log.db")
    for _ in range(12):
        site.visitor().choose("reject")

    with site.app.app_context(), site.db.engine.connect() as connection:
        ids = connection.exec_driver_sql("SELECT id FROM cookieconsent_event").scalars().all()
        with pytest.raises(sa.exc.OperationalError, match="no such column: rowid"):
            connection.exec_driver_sql("SELECT rowid FROM cookieconsent_event")
    assert ids == sorted(ids)
