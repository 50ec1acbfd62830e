"""The pages about the code name files, classes and functions that are there."""

from __future__ import annotations

import ast
import re
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.kit.papers import DOCS, ROOT, cells, needs_pages, rows

pytestmark = needs_pages

PACKAGE = ROOT / "flask_cookieconsent"


def missing(line: str) -> list[str]:
    """Return what the last cell of a row of a table names and the package does not have.

    A cell holds parts with a semicolon between them; each names files, and then what is in the last of them.
    """
    return [name for part in cells(line)[-1].split(";") for name in _missing_of(re.findall(r"`([^`]+)`", part))]


def _missing_of(names: list[str]) -> list[str]:
    paths = [name for name in names if "/" in name or name.endswith(".py")]
    known = _defined_in(PACKAGE / paths[-1]) if paths and paths[-1].endswith(".py") else set()
    gone = [path for path in paths if not (PACKAGE / path).exists()]
    gone += [name for name in names if name not in paths and name not in known]
    return gone


def _defined_in(path: Path) -> set[str]:
    if not path.exists():
        return set()
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return names


def lines_of(page: str, *, after: str = "\n") -> list[str]:
    """Return the rows of all tables of a page, without their heads."""
    text = (DOCS / page).read_text(encoding="utf-8").split(after, 1)[-1]
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [line for table in tables for line in table.splitlines()[2:]]


@pytest.mark.parametrize(("page", "after"), [("words.md", "\n"), ("architecture.md", "\n## Where to look for")])
def test_named_code_is_there(page: str, after: str) -> None:
    lines = lines_of(page, after=after)

    assert len(lines) >= 15
    assert [name for line in lines for name in missing(line)] == []


def test_name_that_is_not_there_is_seen() -> None:
    """The bad twins: no such file, no such class, and a name whose file is not said."""
    assert missing("| a | b | `core/nothing.py` |") == ["core/nothing.py"]
    assert missing("| a | b | `core/consent.py`: `Consent`, `Nothing` |") == ["Nothing"]
    assert missing("| a | b | `core/consent.py`; also `Consent` |") == ["Consent"]


def test_words_are_told_once() -> None:
    words = [word for line in lines_of("words.md") for word in re.split(r", ", cells(line)[0])]

    assert sorted(words) == sorted(set(words))


def test_files_in_sentences_are_there() -> None:
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|js|html)|[a-z_0-9]+\.py)`", text))

    assert len(named) >= 20
    assert [name for name in named if not (PACKAGE / name).exists() and not (ROOT / name).exists()] == []


def test_rooms_are_those_of_the_contract() -> None:
    """The table of rooms is in the order of the layers that import-linter keeps."""
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    layers = re.findall(r"\w+", config["importlinter:contract:rooms"]["layers"])
    documented = [
        name for row in rows(DOCS / "architecture.md", "The rooms") for name in re.findall(r"`(\w+)[./]", row[0])
    ]

    assert sorted(documented) == sorted(layers)
    assert [room for room in documented if room in _ONE_OF_ITS_LAYER] == [
        room for room in layers if room in _ONE_OF_ITS_LAYER
    ]


_ONE_OF_ITS_LAYER = ("extension", "cli", "pages", "choice", "http", "state", "log", "core")
