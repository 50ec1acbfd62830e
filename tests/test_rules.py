"""Every rule id that is used has its line in docs/rules.md, and each line is well formed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.kit.papers import DOCS, ROOT, cells, needs_pages

pytestmark = needs_pages

RULES = DOCS / "rules.md"

_ID = re.compile(r"(?<![\w#%&/.-])[A-H]\d{1,2}(?![\w%])")
_ENDINGS = (".py", ".html", ".js", ".css", ".md")
# Addresses percent-encoded in data, and words of other people's services, are no text about rules.
_FOLDERS = ("flask_cookieconsent", "tests", "demo_app", "docs")


def defined() -> list[list[str]]:
    """Return every row of the tables of rules."""
    lines = RULES.read_text(encoding="utf-8").splitlines()
    return [cells(line) for line in lines if line.startswith("| ") and not line.startswith(("| id", "| ---"))]


def ids_in(text: str) -> set[str]:
    """Return the rule ids that a text names."""
    return set(_ID.findall(text))


def sources() -> Iterator[Path]:
    """Yield every file that may name a rule."""
    for folder in _FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in _ENDINGS and "node_modules" not in path.parts and path != Path(__file__):
                yield path


def test_every_id_has_a_line() -> None:
    known = {row[0] for row in defined()}
    unknown = {str(path.relative_to(ROOT)): ids_in(path.read_text(encoding="utf-8")) - known for path in sources()}

    assert {name: ids for name, ids in unknown.items() if ids} == {}


def test_unknown_id_is_seen() -> None:
    """The bad twin: an id nobody has explained, in each way in which ids are written."""
    text = '"""B12: all of it (C9, D8). A8 holds, and so does H9."""  # %C3%A9 #A1B2C3 MP3 E2E'

    assert ids_in(text) - {row[0] for row in defined()} == {"B12", "C9", "D8", "H9"}


def test_lines_are_well_formed() -> None:
    """Ids are in order, none is left out, and each has a sentence and a source."""
    rows = defined()
    counts = {"A": 10, "B": 10, "C": 7, "D": 7, "E": 4, "F": 7, "G": 7, "H": 8}

    assert [row[0] for row in rows] == [f"{letter}{n}" for letter, most in counts.items() for n in range(1, most + 1)]
    assert [row[0] for row in rows if len(row) != 3 or not row[1].endswith(".") or len(row[2]) < 3] == []
