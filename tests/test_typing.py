"""The public types, as mypy --strict sees them in a site of somebody else's."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SITE, MISTAKES = (ROOT / "tests" / "typing" / name for name in ("site.py", "mistakes.py"))


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """The errors of both files: their places, as file and line, and their codes."""
    options = ["--strict", "--config-file=", "--follow-imports=silent", "--no-error-summary"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, str(SITE), str(MISTAKES)],
        cwd=tmp_path_factory.mktemp("mypy"),
        env=os.environ | {"MYPYPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return re.findall(r"(\w+\.py:\d+): error: .*\[([\w-]+)\]$", done.stdout, re.M)


def test_site_has_no_type_errors(errors: list[tuple[str, str]]) -> None:
    assert [place for place, _ in errors if place.startswith(SITE.name)] == []


def test_mistakes_are_the_bad_twin(errors: list[tuple[str, str]]) -> None:
    """Every line of code in it has one."""
    lines = MISTAKES.read_text("utf-8").splitlines()
    wanted = [f"{MISTAKES.name}:{number}" for number, line in enumerate(lines, 1) if re.match(r"\w+(: \w+)? = ", line)]

    assert [place for place, _ in errors if place.startswith(MISTAKES.name)] == wanted
