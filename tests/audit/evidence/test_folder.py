"""A folder of evidence is whole under its name, nobody else's, and changed by nobody without a trace."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from flask_cookieconsent.audit.evidence.folder import MANIFEST, new_folder


def written(out: Path) -> Path:
    with new_folder(out) as folder:
        folder.write_text("a.txt", "Ωμέγα\n")
        folder.json("deep/b.json", {"b": "é", "a": 1})
        assert folder.lines("c.jsonl", iter(["1", "2"])) == 2
        folder.pieces("d.png", [b"\x89", b"PNG"])
        assert not out.exists() or not any(out.iterdir())
    return out


def check(out: Path) -> int:
    """Return what `sha256sum -c` says of a folder, 0 for nothing wrong."""
    return subprocess.run(["sha256sum", "--strict", "-c", MANIFEST], cwd=out, capture_output=True).returncode


def test_manifest_is_read_by_sha256sum(tmp_path: Path) -> None:
    out = written(tmp_path / "evidence")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["evidence"]
    assert [line.split("  ")[1] for line in (out / MANIFEST).read_text().splitlines()] == [
        "a.txt",
        "c.jsonl",
        "d.png",
        "deep/b.json",
    ]
    assert check(out) == 0
    assert (out / "deep/b.json").read_text("utf-8") == '{\n  "b": "é",\n  "a": 1\n}\n'


@pytest.mark.parametrize("name", ["a.txt", "d.png", "deep/b.json"])
def test_changed_file_is_found(name: str, tmp_path: Path) -> None:
    """The bad twin: one letter more, and the manifest does not fit."""
    out = written(tmp_path / "evidence")
    with (out / name).open("ab") as file:
        file.write(b" ")

    assert check(out) == 1


def test_only_its_owner_may_open_it(tmp_path: Path) -> None:
    """It is anonymous, and internal all the same: whoever hands it on decides who reads it."""
    out = written(tmp_path / "evidence")

    assert {path.stat().st_mode & 0o777 for path in [out, *out.rglob("*")] if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in out.rglob("*") if path.is_file()} == {0o600}


def test_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()

    assert check(written(tmp_path / "evidence")) == 0


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """What is there stays: a folder with something in it, a file, a link that leads nowhere, no place at all."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").write_text("mine")
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    before = sorted(tmp_path.rglob("*"))

    for name in ("full", "file", "link"):
        with pytest.raises(FileExistsError, match="with something in it, wanted a new folder"):
            written(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="found no folder"):
        written(tmp_path / "nowhere/evidence")
    assert sorted(tmp_path.rglob("*")) == before


def test_half_a_folder_leaves_nothing(tmp_path: Path) -> None:
    """What fails on the way has no name, and is gone."""
    with pytest.raises(OSError, match="full"), new_folder(tmp_path / "evidence") as folder:
        folder.write_text("a.txt", "a")
        raise OSError("the disk is full")

    assert list(tmp_path.iterdir()) == []


def test_file_is_written_once(tmp_path: Path) -> None:
    with pytest.raises(FileExistsError), new_folder(tmp_path / "evidence") as folder:
        folder.write_text("a.txt", "a")
        folder.write_text("a.txt", "b")


def test_half_a_character_is_no_error(tmp_path: Path) -> None:
    """JSON in a database may hold one, and UTF-8 has none."""
    with new_folder(tmp_path / "evidence") as folder:
        folder.write_text("a.txt", "\ud800")

    assert (tmp_path / "evidence/a.txt").read_bytes() == b"?"
