"""CSV lines that a spreadsheet shows and does not run."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

import flask_cookieconsent
from flask_cookieconsent.log.spreadsheet import csv_line


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+1", "-2", "\t=1", "\r=1", "\n=1"])
def test_text_is_no_formula(text: str) -> None:
    """F7: a text that would be run is shown, because an apostrophe comes first."""
    assert list(csv.reader(io.StringIO(csv_line([text]), newline=""))) == [[f"'{text}"]]


def test_values_of_other_types() -> None:
    """Numbers stay numbers, nothing is an empty cell, and a mapping is JSON."""
    assert csv_line([None, 3, -2, True, 0.5, {"b": 1, "a": 2}, "plain, text"]) == (
        ',3,-2,True,0.5,"{""a"": 2, ""b"": 1}","plain, text"'
    )


def test_no_other_module_writes_csv() -> None:
    """F7: there is one guard, because whoever writes CSV goes through it."""
    sources = {path.stem: path.read_text("utf-8") for path in Path(flask_cookieconsent.__path__[0]).rglob("*.py")}

    assert [
        name for name, source in sources.items() if re.search(r"csv\.(Dict)?[Ww]riter|^from csv\b", source, re.M)
    ] == ["spreadsheet"]
