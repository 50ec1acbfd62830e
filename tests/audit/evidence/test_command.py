"""`flask cookieconsent evidence`: what it says, and its exit status."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from flask_cookieconsent.audit.evidence.pictures import Camera
from tests.kit.sites import Site, make_site, small_app
from tests.kit.tampering import behind, command


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site with one choice, and no pictures."""
    monkeypatch.setattr(Camera, "__init__", lambda self: setattr(self, "missing", "nobody has a browser here"))
    found = make_site(app=small_app())
    found.visitor().choose("accept")
    return found


def test_sound_log(site: Site, tmp_path: Path) -> None:
    status, said = command(site, "evidence", "--out", str(tmp_path / "evidence"))

    assert status == 0
    assert said.splitlines()[0] == f"Written to {tmp_path}/evidence: open its index.html. Records: 1."
    assert said.splitlines()[1].startswith("Mistakes in the log: 0; errors of the audit: ")


def test_changed_log(site: Site, tmp_path: Path) -> None:
    """The bad twin: the folder is there, and the exit status says that it holds bad news."""
    behind(site, lambda connection, tables: connection.execute(sa.update(tables.events.table).values(locale="xx")))
    status, said = command(site, "evidence", "--out", str(tmp_path / "evidence"))

    assert (status, (tmp_path / "evidence/MANIFEST.sha256").is_file()) == (1, True)
    assert "Records: 0." in said and "Mistakes in the log: 1;" in said


def test_head_that_was_kept_elsewhere(site: Site, tmp_path: Path) -> None:
    """F4: who has taken the newest seals away is found by it, here as by `verify`."""
    status, _ = command(site, "evidence", "--out", str(tmp_path / "evidence"), "--head", "0" * 64)

    assert status == 1
    assert "the seal that it is of is gone" in (tmp_path / "evidence/index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "{folder}"), "wanted a new folder or an empty one"),
        (("--out", "{folder}/none/evidence"), "found no folder"),
        (
            ("--out", "{folder}/x", "--since", "2026-11-24", "--until", "2026-11-23"),
            "--until: found 2026-11-23, wanted",
        ),
    ],
)
def test_mistakes_are_one_line(arguments: tuple[str, ...], said: str, site: Site, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    status, output = command(site, "evidence", *(each.format(folder=tmp_path) for each in arguments))

    assert (status, output.count("\n")) == (1, 1)
    assert said in output
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("sqlite://", "a table of the log is missing: run `flask cookieconsent init-db`"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/nothing", "database unavailable (OperationalError: "),
    ],
)
def test_trouble_of_the_database_is_one_line(uri: str, said: str, tmp_path: Path) -> None:
    """And no folder is left, not half of one."""
    site = make_site(app=small_app(), uri=uri, tables=False)
    status, output = command(site, "evidence", "--out", str(tmp_path / "evidence"))

    assert (status, output.count("\n"), list(tmp_path.iterdir())) == (1, 1, [])
    assert output.startswith(f"Error: {said}")
