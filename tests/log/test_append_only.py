"""The app's own code cannot change or delete what the log holds, and retention and erasure still can (F4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

from flask_cookieconsent import ConsentEventMixin
from flask_cookieconsent.errors import AppendOnlyError
from tests.kit.sites import Site, make_site


def full(db: SQLAlchemy | None = None, uri: str = "sqlite://") -> Site:
    """Return a site with a row in every table of its log."""
    site = make_site(db=db, uri=uri)
    site.visitor().choose("accept")
    site.clock.forward(days=3)
    command(site, "seal")
    return site


def command(site: Site, name: str) -> str:
    output: str = site.app.test_cli_runner().invoke(args=["cookieconsent", name]).output
    return output


def change_one(db: SQLAlchemy, model: Any, column: str) -> None:
    row = db.session.scalars(sa.select(model)).first()
    value = getattr(row, column)
    setattr(row, column, value + 1 if isinstance(value, int) else "x" * 8)
    db.session.flush()


def delete_one(db: SQLAlchemy, model: Any, column: str) -> None:
    db.session.delete(db.session.scalars(sa.select(model)).first())
    db.session.flush()


WAYS: dict[str, Callable[[SQLAlchemy, Any, str], Any]] = {
    "a loaded row is changed": change_one,
    "a loaded row is deleted": delete_one,
    "update of the model": lambda db, model, column: db.session.execute(sa.update(model).values({column: 1})),
    "delete of the model": lambda db, model, column: db.session.execute(sa.delete(model)),
    "update of the table": lambda db, model, column: db.session.execute(sa.update(model.__table__).values({column: 1})),
    "delete of the table": lambda db, model, column: db.session.execute(sa.delete(model.__table__)),
    "query.update": lambda db, model, column: db.session.query(model).update({column: 1}),
    "query.delete": lambda db, model, column: db.session.query(model).delete(),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("name", "column"), [("Event", "validity"), ("Notice", "html"), ("Seal", "others"), ("DailyCount", "mac")]
)
def test_rows_are_neither_changed_nor_deleted(way: str, name: str, column: str) -> None:
    """F4: whatever way an app's session goes, it meets an error that names the commands which may."""
    site = full()
    model = getattr(site.consent.models, name)
    with site.app.app_context():
        before = site.db.session.execute(sa.select(model.__table__)).all()
        assert before
        with pytest.raises(AppendOnlyError, match="flask cookieconsent purge.*erase"):
            WAYS[way](site.db, model, column)
        site.db.session.rollback()

        assert site.db.session.execute(sa.select(model.__table__)).all() == before


def test_purge_and_erasure_go_on(uri: str) -> None:
    """F4, F6, F7: what the law asks for is done by the log itself."""
    site = full(uri=uri)
    visitor = site.visitor()
    visitor.choose("accept")

    assert visitor.choose("erase").status_code == 303
    assert sorted(each.kind for each in site.events()) == ["erased", "given"]
    site.clock.forward(days=2_100)
    assert command(site, "purge") == "Events taken out of the log: 2.\n"
    assert command(site, "verify").endswith("What was checked is as it was written.\n")


def test_columns_of_the_app_are_its_own() -> None:
    """What an app has added to a model of its own, it may set later; the log's columns beside it, it may not."""
    db = SQLAlchemy()

    class Log(ConsentEventMixin, db.Model):
        note: Mapped[str] = mapped_column(default="")

    site = full(db)
    with site.app.app_context():
        row = db.session.scalars(sa.select(Log)).one()
        row.note = "seen"
        db.session.commit()
        assert db.session.scalar(sa.select(Log.note)) == "seen"
        row.kind = "refused"
        with pytest.raises(AppendOnlyError, match="Log is part of the consent log"):
            db.session.flush()


def test_models_of_the_app_are_left_alone() -> None:
    """Other tables are changed and deleted from as ever, those of two apps with one `db` too."""
    db = SQLAlchemy()

    class Order(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)
        state: Mapped[str] = mapped_column(default="new")

    for site in (full(db), make_site(db=db)):
        with site.app.app_context():
            db.create_all()
            db.session.add_all([Order(), Order()])
            db.session.commit()
            db.session.scalars(sa.select(Order)).first().state = "paid"
            db.session.execute(sa.update(Order).values(state="sent"))
            db.session.query(Order).delete()
            db.session.execute(sa.delete(site.consent.models.Violation))
            db.session.commit()
            assert db.session.scalar(sa.select(sa.func.count()).select_from(Order)) == 0


def test_every_db_is_guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLAlchemy may take a session for another one, which is gone: the guard is there all the same, and once."""
    monkeypatch.setattr("sqlalchemy.event.contains", lambda *args: True)
    site = make_site()
    make_site(db=site.db)
    with site.app.app_context():
        for model in site.consent.models[:4]:
            with pytest.raises(AppendOnlyError):
                site.db.session.execute(sa.delete(model))
        assert len(list(site.db.session().dispatch.do_orm_execute)) == 1
