"""What is shipped: the wheel has the package, its files and its catalogs, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(not (ROOT / "setup.cfg").exists(), reason="only a checkout can be built")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the source archive and the wheel that was made from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def wheel_names(folder: Path) -> set[str]:
    """Return the names in the wheel."""
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as archive:
        return set(archive.namelist())


def test_wheel_has_all_that_is_needed(built: Path) -> None:
    names = wheel_names(built)
    package = ROOT / "flask_cookieconsent"
    sources = {path for path in package.rglob("*") if path.suffix in (".py", ".html", ".css", ".js", ".json", ".typed")}
    wanted = {path.relative_to(ROOT).as_posix() for path in [*sources, package / "py.typed"]}
    catalogs = {
        f"flask_cookieconsent/translations/{locale}/LC_MESSAGES/flask_cookieconsent.{ending}"
        for locale in ("de", "fr", "nl")
        for ending in ("po", "mo")
    }

    assert wanted | catalogs | {"flask_cookieconsent/translations/__init__.py"} <= names


def test_wheel_has_nothing_else(built: Path) -> None:
    outside = {name.split("/")[0] for name in wheel_names(built)}

    assert {name for name in outside if not name.endswith(".dist-info")} == {"flask_cookieconsent"}


def test_source_archive_has_sources_alone(built: Path) -> None:
    (path,) = built.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = {name.split("/", 1)[-1] for name in archive.getnames()}

    assert {"translations/de/LC_MESSAGES/flask_cookieconsent.po", "README.md", "demo_app/__init__.py"} <= names
    assert [name for name in names if name.endswith((".mo", ".pyc", ".db"))] == []
