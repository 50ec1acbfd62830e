"""The log: what is written, when, and what never is; on SQLite and on PostgreSQL."""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g, render_template_string
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column

from flask_cookieconsent import (
    ConsentCountMixin,
    ConsentEventMixin,
    ConsentNoticeMixin,
    ConsentSealMixin,
    CookieConsent,
    event_failed,
)
from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.log.events import new_id, receipt_digest, truncated
from flask_cookieconsent.log.models import event_model
from flask_cookieconsent.log.tables import create_tables
from tests.kit.sites import EVERYTHING, NOON, Clock, Site, Visitor, cookies_set, make_app, make_site, services, soup_of

COLUMNS = {
    *("id", "recorded_on", "time", "kind", "method", "choices", "gpc", "receipt", "previous_receipt", "notice"),
    *("locale", "policy_version", "scope", "validity", "mac"),
}


@pytest.fixture
def site(uri: str) -> Site:
    """A site that keeps its log there."""
    return make_site(uri=uri)


def dropped(site: Site) -> None:
    """Take the table away, as a database that is out of order."""
    with site.app.app_context():
        event_model(site.db).__table__.drop(site.db.engine)


def restored(site: Site) -> None:
    with site.app.app_context():
        create_tables(site.db)


# -- F1: one event for each change ----------------------------------------------------------------------------------


def test_one_event_for_each_change(site: Site) -> None:
    """F1: each choice that changes anything is one event; a repeat is none."""
    visitor = site.visitor()
    kinds = []
    for choice, granted in (
        ("reject", ()),
        ("reject", ()),
        ("save", ("films",)),
        ("save", ("films",)),
        ("allow", ("films",)),
        ("save", ("films", "language")),
        ("accept", ()),
        ("accept", ()),
        ("save", ("films",)),
        ("withdraw", ()),
        ("withdraw", ()),
        ("reject", ()),
    ):
        site.clock.forward(days=1)
        assert visitor.choose(choice, *granted).status_code == 303
        kinds.append([each.kind for each in site.events()])

    assert [len(each) for each in kinds] == [1, 1, 2, 2, 2, 3, 4, 4, 5, 6, 6, 6]
    assert kinds[-1] == ["refused", "given", "changed", "changed", "changed", "withdrawn"]


def test_reading_writes_nothing(site: Site) -> None:
    """F1, G3: pages write nothing, whoever reads them and whatever the browser signals."""
    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    visitor = site.visitor()
    visitor.choose("accept")

    for headers in ({}, {"Sec-GPC": "1"}, {"Cookie": "cookieconsent=x"}):
        for path in ("/", "/about", "/cookies/", "/cookies/policy", "/cookies/choice", "/nowhere", "/boom"):
            visitor.get(path, headers=headers)
    visitor.post({"url": "https://films.example.net/watch/abc"}, "/cookies/frame/films")

    assert len(site.events()) == 1


def test_event_holds_the_whole_answer(site: Site) -> None:
    """F1, F2, B4: what was chosen for every service, how, in which language, to which notice, and for how long."""
    visitor = site.visitor()
    page = visitor.get("/cookies/")

    visitor.press(page, "Save", within=".fcc-switches", on=["films"])

    event = site.events()[0]
    assert event.choices == dict.fromkeys(EVERYTHING, "refused") | {"films": "granted"}
    assert (event.kind, event.method, event.gpc, event.locale) == ("given", "preferences", False, "en")
    assert event.notice == site.digest
    assert (event.policy_version, event.scope, event.validity) == ("1", site.app.name, 184)
    assert event.receipt == receipt_digest(visitor.receipt or "")
    assert visitor.receipt not in repr(event)
    assert (event.previous_receipt, event.recorded_on) == (None, event.time.date())


@pytest.mark.parametrize(
    ("page", "label", "method"),
    [
        ("/", "Accept all", "banner"),
        ("/cookies/", "Accept all", "preferences"),
        ("/", "Always allow", "embed"),
    ],
)
def test_event_says_where(page: str, label: str, method: str) -> None:
    """F1: the event tells which part of the page was used; a withdrawal comes from the link."""
    site = make_site()
    visitor = site.visitor()
    visitor.press(visitor.get(page), label)
    site.clock.forward(minutes=1)
    visitor.press(visitor.get("/"), "Withdraw consent")

    assert [each.method for each in site.events()] == [method, "link"]


def test_withdrawal_refers_to_its_grant(site: Site) -> None:
    """F4: a change and a withdrawal name the receipt before them; a refusal belongs to nobody."""
    visitor = site.visitor()
    for choice in ("save films", "accept", "withdraw", "save posts", "reject"):
        site.clock.forward(minutes=1)
        visitor.choose(*choice.split())

    given, changed, withdrawn, again, last = site.events()
    assert (given.previous_receipt, changed.previous_receipt) == (None, given.receipt)
    assert withdrawn.previous_receipt == withdrawn.receipt == changed.receipt != given.receipt
    assert (again.previous_receipt, last.previous_receipt) == (None, again.receipt)

    site.visitor().choose("reject")
    refused = min(site.events(), key=lambda each: each.time)
    assert (refused.kind, refused.receipt, refused.previous_receipt) == ("refused", None, None)


def test_time_is_coarse(site: Site) -> None:
    """F3: a grant is known to the minute, a refusal to the day, in UTC."""
    site.visitor().choose("accept")
    site.visitor().choose("reject")

    assert {each.kind: each.time for each in site.events()} == {
        "given": datetime(2026, 11, 23, 12, 34),
        "refused": datetime(2026, 11, 23),
    }


def test_ids_sort_by_time_and_are_random() -> None:
    """F7: ids follow the truncated time and are otherwise unguessable; later never sorts before earlier."""
    moments = [truncated(NOON + timedelta(minutes=each), Kind.GIVEN) for each in (0, 1, 60, 100_000)]
    ids = [new_id(each) for each in moments]

    assert ids == sorted(ids)
    assert len({new_id(moments[0]) for _ in range(100)}) == 100
    assert all(re.fullmatch(r"[0-9a-f]{32}", each) for each in ids)


# -- F3: nothing about the visitor ----------------------------------------------------------------------------------

CANARIES = {
    "X-Forwarded-For": "203.0.113.77",
    "X-Real-IP": "2001:db8::77",
    "Forwarded": "for=203.0.113.78",
    "User-Agent": "canary-browser/77",
    "Referer": "http://localhost/about?canary-referer",
    "Accept-Language": "tlh-canary",
    "Authorization": "Basic canary-account",
    "X-Canary": "canary-header",
}
CANARY = re.compile(r"canary|203\.0\.113|2001:db8|127\.0\.0\.9", re.IGNORECASE)


def everything_kept(site: Site) -> str:
    """Return every row of every table, as text."""
    with site.app.app_context(), site.db.engine.connect() as connection:
        metadata = sa.MetaData()
        metadata.reflect(connection)
        rows = [list(connection.execute(sa.select(table))) for table in metadata.tables.values()]
    assert any(rows)
    return repr(rows)


def poisoned(site: Site) -> None:
    """Choose, in every way and in wrong ways too, with something to recognise in every header and field."""
    visitor = site.visitor(**{name.replace("-", "_"): value for name, value in CANARIES.items()})
    visitor.client.set_cookie("canary", "canary-cookie")
    extra = {"environ_overrides": {"REMOTE_ADDR": "127.0.0.9", "REMOTE_USER": "canary-user"}}
    fields = {"locale": "en", "notice": site.digest, "surface": "banner", "next": "/about?canary-next"}
    for choice in ("reject", "accept", "withdraw", "canary-choice"):
        visitor.post({"choice": choice, "canary-field": "canary"} | fields, "/cookies/choice?canary-query", **extra)
    visitor.post(fields | {"choice": "save", "service": "canary-service"}, **extra)
    visitor.post(fields | {"choice": "reject", "locale": "canary", "notice": "canary"}, **extra)
    visitor.post(fields | {"choice": "accept", "locale": "canary<", "notice": "canary"}, **extra)


def test_rows_say_nothing_of_the_visitor(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """F3: what is known of a visitor from headers, address and query is in no row and no line of any log."""
    caplog.set_level(logging.DEBUG)

    poisoned(site)
    dropped(site)
    poisoned(site)
    restored(site)
    poisoned(site)

    lines = [record.getMessage() + (caplog.handler.format(record)) for record in caplog.records]
    assert not CANARY.search(everything_kept(site))
    assert not [each for each in lines if CANARY.search(each)]


def test_what_waits_and_what_is_taken_out_say_nothing_of_the_visitor(tmp_path: Path) -> None:
    """F3: nor is it in the spool while the database is away, in an export, a receipt or the owner's report."""
    folder = tmp_path / "spool"
    site = make_site(uri=f"sqlite:///{tmp_path}/log.db", COOKIECONSENT_SPOOL_FOLDER=str(folder), may_see_report=_yes)
    dropped(site)
    poisoned(site)
    waiting = "".join(path.name + path.read_text() for path in folder.iterdir())
    restored(site)
    run = site.app.test_cli_runner().invoke
    taken_out = [
        run(args=["cookieconsent", *each]).output for each in (["replay"], ["export"], ["export", "--format=csv"])
    ]
    someone = site.visitor(User_Agent="canary-browser/77")
    someone.choose("accept")
    taken_out += [someone.get(each).text for each in ("/cookies/choice/receipt.json", "/cookies/report.csv")]

    assert waiting.count('"kind"') >= 3
    assert "in the log now: " in taken_out[0] and len(site.events()) >= 4
    assert not CANARY.search(waiting + "".join(taken_out))


def _yes() -> bool:
    return True


def test_locale_of_a_form_is_one_of_the_site() -> None:
    """F2, F3: the locale is written by whoever sends the form, so it is kept only where the site could have sent it."""
    site = make_site()
    site.visitor().choose("reject", locale="My_name_is_Alice_Example_of_Ghent", notice="0" * 64)

    assert site.events()[0].locale in ("", "en")


def test_columns_are_the_declared_ones(site: Site) -> None:
    """F3: the table has these columns and no others, and refers to no other table."""
    with site.app.app_context():
        inspector = sa.inspect(site.db.engine)
        assert {each["name"] for each in inspector.get_columns("cookieconsent_event")} == COLUMNS
        assert inspector.get_foreign_keys("cookieconsent_event") == []


def test_rows_say_nothing_twin() -> None:
    """F3: the search finds what it looks for."""
    assert all(CANARY.search(each) for each in CANARIES.values())


# -- F5: proof before activation ------------------------------------------------------------------------------------


def broken_choice(site: Site, visitor: Visitor, choice: str, *granted: str, **fields: Any) -> tuple[Any, list[Any]]:
    """Choose while the table is gone, and return the answer and what the app was told."""
    told: list[Any] = []

    def failed(sender: Any, error: Any) -> None:
        told.append((sender, error))

    dropped(site)
    with event_failed.connected_to(failed):
        response = visitor.choose(choice, *granted, **fields)
    restored(site)
    return response, told


def test_grant_without_proof_takes_no_effect(site: Site) -> None:
    """F5: where the event cannot be kept nothing is switched on, the visitor is told, and so is the app."""
    visitor = site.visitor()

    response, told = broken_choice(site, visitor, "accept")

    assert response.status_code == 503
    assert "nothing new is on" in soup_of(response).select_one(".fcc-problem").text
    assert {each["value"] for each in soup_of(response).select("input[name=service][checked]")} == EVERYTHING
    assert cookies_set(response) == {}
    assert visitor.allowed() == set()
    assert [each[0] for each in told] == [site.app]
    assert isinstance(told[0][1].__context__, sa.exc.SQLAlchemyError), "then the disk could not keep it either"


@pytest.mark.parametrize("choice", ["reject", "withdraw", "save"])
def test_refusal_without_proof_takes_effect(site: Site, choice: str) -> None:
    """F5: refusing and withdrawing never wait for a database."""
    visitor = site.visitor()
    visitor.choose("accept")

    response, told = broken_choice(site, visitor, choice)

    assert response.status_code == 303
    assert visitor.allowed() == set()
    assert visitor.receipt is None
    assert len(told) == 1


def test_mixed_choice_without_proof(site: Site) -> None:
    """F5: of a choice that refuses and grants, the refusal takes effect and the grant does not."""
    visitor = site.visitor()
    visitor.choose("save", "films", "posts")

    response, _ = broken_choice(site, visitor, "save", "posts", "language")

    assert response.status_code == 503
    assert visitor.allowed() == {"posts"}
    assert visitor.choose("save", "posts", "language").status_code == 303
    assert visitor.allowed() == {"posts", "language"}


def test_reconfirming_under_the_signal_needs_proof(site: Site) -> None:
    """F5, G3: allowing again what the signal had paused is a grant too."""
    visitor = site.visitor()
    visitor.choose("accept")

    response, _ = broken_choice(site, visitor, "accept", headers={"Sec-GPC": "1"})

    assert response.status_code == 503
    assert visitor.allowed(headers={"Sec-GPC": "1"}) == {"language"}
    assert visitor.allowed() == EVERYTHING


def test_grant_without_proof_as_json(site: Site) -> None:
    """F5: code is told as well."""
    response, _ = broken_choice(site, site.visitor(), "accept", headers={"Accept": "application/json"})
    assert (response.status_code, response.json["error"]) == (503, "unrecorded")


def test_grant_without_proof_twin(site: Site) -> None:
    """F5: with its table the same press is carried out."""
    assert site.visitor().choose("accept").status_code == 303


# -- the model and the app's own work -------------------------------------------------------------------------------


def test_model_survives_garbage_collection(uri: str) -> None:
    """The class is kept as long as its `db`, whoever holds it."""
    db = SQLAlchemy()
    CookieConsent(db=db)
    gc.collect()
    site = make_site(db=db, uri=uri)
    gc.collect()

    site.visitor().choose("accept")

    assert len(site.events()) == 1
    assert event_model(db) is event_model(db)


def _typed() -> SQLAlchemy:
    class Base(DeclarativeBase):
        pass

    return SQLAlchemy(model_class=Base)


@pytest.mark.parametrize("make_db", [SQLAlchemy, _typed])
def test_every_kind_of_base(make_db: Callable[[], SQLAlchemy], uri: str) -> None:
    """The log sits on whatever base the app has chosen."""
    site = make_site(db=make_db(), uri=uri)

    assert site.visitor().choose("accept").status_code == 303
    assert [each.kind for each in site.events()] == ["given"]


def test_mixin_on_a_base_of_dataclasses() -> None:
    """SQLAlchemy refuses annotated columns of a plain mixin there, which is what the twin has."""

    class Base(MappedAsDataclass, DeclarativeBase):
        pass

    class Twin:
        id: Mapped[str] = mapped_column(sa.String(32), primary_key=True)

    class Log(ConsentEventMixin, Base):
        note: Mapped[str] = mapped_column(sa.String(9), default="")

    assert {each.name for each in Log.__table__.columns if each.nullable} == {"receipt", "previous_receipt"}
    with pytest.raises((sa.exc.InvalidRequestError, sa.exc.SADeprecationWarning), match="not a dataclass"):
        type("Wrong", (Twin, Base), {"__tablename__": "wrong"})


def test_model_of_the_app(uri: str) -> None:
    """An app may bring its own model, made before the extension is given the `db`."""
    db = SQLAlchemy()

    class Log(ConsentEventMixin, db.Model):
        __tablename__ = "own_log"
        site: Mapped[str] = mapped_column(sa.String(10), default="main")

    site = make_site(db=db, uri=uri)
    site.visitor().choose("accept")

    with site.app.app_context():
        assert event_model(db) is Log
        assert [each.site for each in db.session.scalars(sa.select(Log))] == ["main"]
        assert "cookieconsent_event" not in db.metadata.tables


def test_all_models_of_the_app() -> None:
    """The notices, seals and counts may have models of the app's own too, and the commands use them."""
    db = SQLAlchemy()
    mixins = (ConsentEventMixin, ConsentNoticeMixin, ConsentSealMixin, ConsentCountMixin)
    own = [type(mixin.__name__, (mixin, db.Model), {"__tablename__": f"own_{n}"}) for n, mixin in enumerate(mixins)]
    site = make_site(db=db)
    site.visitor().choose("accept")
    site.clock.forward(days=9)
    run = site.app.test_cli_runner().invoke

    assert run(args=["cookieconsent", "seal"]).output.startswith("Sealed: 2026-11-23.\nHead, to keep elsewhere: ")
    assert run(args=["cookieconsent", "verify"]).exit_code == 0
    with site.app.app_context():
        assert [db.session.scalar(sa.select(sa.func.count()).select_from(each)) for each in own] == [1, 1, 1, 2]
        assert set(db.metadata.tables) == {*(f"own_{n}" for n in range(4)), "cookieconsent_violation"}


def test_own_model_after_the_extension() -> None:
    """Where the models import the module that makes the extension, `init_app` is given the `db`."""
    db, consent = SQLAlchemy(), CookieConsent(services=services())

    class Log(ConsentEventMixin, db.Model):
        pass

    app = make_app(SQLALCHEMY_DATABASE_URI="sqlite://")
    db.init_app(app)
    consent.init_app(app)

    assert event_model(db) is Log


def test_log_in_a_database_of_its_own(uri: str, tmp_path: Path) -> None:
    """An own model with a bind key is written where that key leads."""
    db = SQLAlchemy()

    class Log(ConsentEventMixin, db.Model):
        __bind_key__ = "log"

    binds = {"log": uri}
    site = make_site(db=db, uri=f"sqlite:///{tmp_path / 'main.db'}", SQLALCHEMY_BINDS=binds)
    site.visitor().choose("accept")

    assert len(site.events()) == 1
    with site.app.app_context():
        assert not sa.inspect(db.engine).has_table("cookieconsent_event")
        db.engines["log"].dispose()


def test_long_name_of_an_app(uri: str) -> None:
    """F1: the name of an app may be as long as a package path; its events are kept all the same."""
    app = Flask("company.platform.services.storefront.application.factory")
    app.config.update(SECRET_KEY="a key for tests only", SQLALCHEMY_DATABASE_URI=uri)
    app.add_url_rule("/", "home", lambda: render_template_string("{{ cookieconsent.banner() }}"))
    site = make_site(app=app)

    assert site.visitor().choose("accept").status_code == 303
    assert len(site.events()) == 1


def test_half_done_work_is_not_committed(uri: str) -> None:
    """Recording never touches the app's session; what is half done stays half done."""
    db = SQLAlchemy()

    class Order(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)

    site = make_site(db=db, uri=uri)
    with site.app.app_context():
        db.create_all()

    @site.app.before_request
    def begin() -> None:
        db.session.add(Order())
        if not uri.startswith("sqlite"):
            db.session.flush()  # SQLite has one writer at a time
        g.half_done = True

    response = site.visitor().choose("accept")
    with site.app.app_context():
        orders = db.session.scalar(sa.select(sa.func.count()).select_from(Order))

    assert (response.status_code, orders, len(site.events())) == (303, 0, 1)


def test_half_done_work_is_not_committed_twin(uri: str) -> None:
    """A recorder that commits the app's session does commit its work, and the count tells."""
    db = SQLAlchemy()

    class Order(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)

    site = make_site(db=db, uri=uri)
    with site.app.app_context():
        db.create_all()
        db.session.add(Order())
        db.session.commit()
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 1


def test_busy_sqlite_is_no_dead_end(tmp_path: Path) -> None:
    """F5: while the app itself holds the only write lock, a refusal still takes effect."""
    options = {"connect_args": {"timeout": 0.05}}
    site = make_site(uri=f"sqlite:///{tmp_path / 'busy.db'}", SQLALCHEMY_ENGINE_OPTIONS=options)
    visitor = site.visitor()
    visitor.choose("accept")
    locked: list[AbstractContextManager[Any]] = []

    with site.app.app_context(), site.db.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        locked.append(connection)
        withdrawn = visitor.choose("withdraw")
        granted = visitor.choose("accept")
        connection.rollback()

    assert (withdrawn.status_code, granted.status_code) == (303, 503)
    assert visitor.allowed() == set()


def test_two_apps_with_one_db(uri: str) -> None:
    """A second `create_app()` in one process works, each with its own name in the log."""
    db = SQLAlchemy()
    consent = CookieConsent(db=db, services=services(), clock=Clock())
    sites = []
    for scope in ("first", "second"):
        app = make_app(SQLALCHEMY_DATABASE_URI=uri, COOKIECONSENT_LOG_SCOPE=scope)
        db.init_app(app)
        consent.init_app(app)
        sites.append(Site(app, consent, Clock(), db))
    with sites[0].app.app_context():
        create_tables(db)

    for each in sites:
        assert each.visitor().choose("accept").status_code == 303
    assert {each.scope for each in sites[0].events()} == {"first", "second"}
    for each in sites:
        with each.app.app_context():
            db.engine.dispose()


def test_newest_needs_no_visitor(site: Site) -> None:
    """F1: the newest events come first, as many as were asked for."""
    for choice in ("accept", "reject"):
        site.clock.forward(days=1)
        site.visitor().choose(choice)

    with site.app.app_context():
        assert [each.kind for each in site.log.newest(1)] == ["refused"]
    assert site.clock.now.tzinfo is UTC
