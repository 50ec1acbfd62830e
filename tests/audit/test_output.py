"""Where the text of a report goes."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from flask_cookieconsent.audit.output import echo, is_colourful, write_whole
from tests.kit.reports import WILD


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_every_encoding(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe of Windows or of the C locale lacks most characters; none ends the command."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    echo(f"é … \u202e {WILD}\n")
    sys.stdout.flush()

    assert raw.getvalue().decode(encoding).endswith("b\n") and b"\\ud800" in raw.getvalue()


def test_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.json"
    write_whole(file, "é\n")
    assert file.read_text("utf-8") == "é\n"

    def broken(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="disk is full"):
        write_whole(file, "new")

    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]
    assert file.read_text("utf-8") == "é\n"


def test_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "report.json")
    write_whole(tmp_path / "link", "text")

    assert (tmp_path / "link").is_symlink() and (tmp_path / "report.json").read_text("utf-8") == "text"


def test_device_stays_a_device(tmp_path: Path) -> None:
    """`--out /dev/stdout` writes to it, and puts no file in its place."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write_whole(pipe, "text")

    assert os.read(reader, 10) == b"text" and pipe.is_fifo()
    os.close(reader)


@pytest.mark.parametrize(
    ("is_terminal", "no_color", "colours"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_colours(is_terminal: bool, no_color: str, colours: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal, raising=False)

    assert is_colourful() == colours
