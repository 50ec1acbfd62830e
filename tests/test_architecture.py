"""The boundaries between the rooms, as import-linter reads them from setup.cfg."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
needs_checkout = pytest.mark.skipif(not (ROOT / "setup.cfg").exists(), reason="the contracts are in the checkout")

CHECK = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of the package in a folder."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", CHECK], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@needs_checkout
def test_data_flows_one_way() -> None:
    """Lower modules import no higher ones, the core knows no web and no database, pages never touch the log."""
    done = lint(ROOT)

    assert done.returncode == 0, done.stdout


@needs_checkout
@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("core/registry", "import flask_cookieconsent.core.decision"),
        ("core/consent", "import werkzeug"),
        ("pages/preferences", "import flask_cookieconsent.log.database"),
        ("pages/report", "import flask_cookieconsent.log.limits"),
        ("log/limits", "import sqlalchemy"),
        ("log/interface", "import flask_cookieconsent.log.rows"),
        ("choice/step", "import flask_cookieconsent.pages.problems"),
        ("embeds/lookup", "import flask_cookieconsent.catalogue"),
    ],
)
def test_contracts_break_for_a_bad_import(tmp_path: Path, module: str, line: str) -> None:
    """The bad twins: one import the wrong way, and the same check fails."""
    for path in (ROOT / "flask_cookieconsent").rglob("*.py"):
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text())
    (tmp_path / "setup.cfg").write_text((ROOT / "setup.cfg").read_text())
    changed = tmp_path / "flask_cookieconsent" / f"{module}.py"
    changed.write_text(changed.read_text() + f"\n{line}\n")

    assert "BROKEN" in lint(tmp_path).stdout


@needs_checkout
def test_modules_stay_small() -> None:
    """A module holds one idea: about 250 lines, and none is called utils."""
    for path in (ROOT / "flask_cookieconsent").rglob("*.py"):
        assert len(path.read_text().splitlines()) <= 300, path.name
        assert path.stem != "utils"
