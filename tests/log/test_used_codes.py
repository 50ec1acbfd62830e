"""A code is used once, by whichever process is first; a folder that cannot be written ends with the process."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from flask_cookieconsent.log import used_codes
from flask_cookieconsent.log.used_codes import UsedCodes

DIGEST = "a" * 64


def uses(*both: UsedCodes, until: int = 60, now: int = 0, digest: str = DIGEST) -> list[bool]:
    return [each.use(digest, until=until, now=now) for each in both]


def test_second_use_is_none(tmp_path: Path) -> None:
    """What one process has used is used for all that have the folder, and after a restart too."""
    first, second = UsedCodes(tmp_path / "codes"), UsedCodes(tmp_path / "codes")

    assert uses(first, second, first) == [True, False, False]
    assert uses(UsedCodes(tmp_path / "codes")) == [False]
    assert uses(first, second, digest="b" * 64) == [True, False]


def test_old_codes_are_swept(tmp_path: Path) -> None:
    """A minute later nothing is left of them: a file for each would fill the disk."""
    codes = UsedCodes(tmp_path)
    (tmp_path / "note.txt").write_text("not ours")
    uses(codes)
    assert uses(codes, until=121, now=61, digest="b" * 64) == [True]

    assert sorted(os.listdir(tmp_path)) == [f"121-{'b' * 64}.code", "note.txt"]


@pytest.mark.skipif(os.name != "posix", reason="rights are POSIX's")
def test_folder_is_the_apps_alone(tmp_path: Path) -> None:
    """Nobody else of the machine can use a code up, or read which were used."""
    folder = tmp_path / "codes"
    uses(UsedCodes(folder))

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}


def test_without_a_folder_each_process_has_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """The bad twin of the folder: two processes that share none each take a code once, and the log says why."""
    first, second = UsedCodes(Path("/dev/null/codes")), UsedCodes(Path("/dev/null/codes"))

    assert uses(first, second, first, second) == [True, True, False, False]
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert uses(first, until=200, now=100) == [True], "what is too old is forgotten"


@pytest.mark.parametrize("place", [lambda path: path, lambda path: Path("/dev/null/codes")])
def test_flood_is_bounded(place: Callable[[Path], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """More codes than there are phones neither fill a disk nor a memory, and are taken again a minute later."""
    monkeypatch.setattr(used_codes, "MOST_CODES", 3)
    codes = UsedCodes(place(tmp_path))

    assert [codes.use(f"{number:064x}", until=60, now=0) for number in range(5)] == [True] * 3 + [False] * 2
    assert uses(codes, until=121, now=61) == [True]


def test_threads_of_one_process() -> None:
    """Of many threads that come at once exactly one is first, without a folder too."""
    codes, gate, found = UsedCodes(Path("/dev/null/codes")), threading.Barrier(8), []

    def use() -> None:
        gate.wait(timeout=30)
        found.extend(uses(codes))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == [False] * 7 + [True]
