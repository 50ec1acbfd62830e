"""Type-checking of a site that uses the public API: what mypy --strict accepts and what it rejects."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent
APP = TESTS / "data" / "typed_app.py"


def mypy(path: Path) -> str:
    """Return what mypy --strict says of one file, whatever it says of the packages that it imports."""
    options = ["--strict", "--config-file=", "--ignore-missing-imports", "--follow-imports=silent", "--no-pretty"]
    cache = TESTS.parent / ".mypy_cache" / "typed_app"
    command = [sys.executable, "-m", "mypy", *options, "--cache-dir", str(cache), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def test_declarations_are_checked() -> None:
    """Each ignored error is one, and nothing else is."""
    assert mypy(APP) == "Success: no issues found in 1 source file\n"


def test_declarations_twin(tmp_path: Path) -> None:
    """An ignore beside a right declaration is an unused one."""
    path = tmp_path / "careless.py"
    path.write_text(APP.read_text(encoding="utf-8").replace("name=3", 'name="three"'), encoding="utf-8")

    assert 'Unused "type: ignore" comment' in mypy(path)
