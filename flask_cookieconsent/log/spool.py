"""Durable spool (outbox) on disk for events while the database is unavailable: one fsynced file for each (F5)."""

from __future__ import annotations

import json
import logging
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask_cookieconsent.errors import SpoolFullError

logger = logging.getLogger("flask_cookieconsent.spool")

#: Most files in a spool; beyond it `Spool.add` raises `SpoolFullError`, and grants are refused.
MOST_WAITING = 10_000
_ENDING = ".json"


class Spool:
    """A folder of JSON files; any number of processes may write to it, and empty it, at once.

    A file appears whole or not at all (atomic rename), and is on the disk before its name is. Delivery is at least
    once: whoever empties the spool writes an entry where a second time does no harm, then removes its file.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, name: str, entry: Mapping[str, Any]) -> None:
        """Write an entry to the disk, with fsync of the file and of its folder, until it is taken.

        :raises SpoolFullError: if too many wait already.
        :raises OSError: if the disk cannot keep it.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if len(self) >= MOST_WAITING:
            raise SpoolFullError(f"{self.folder} holds {MOST_WAITING} events; see why the database is unavailable")
        draft = self.folder / f"{name}.{secrets.token_hex(4)}.draft"
        with draft.open("x", encoding="utf-8") as file:
            json.dump(entry, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.folder / (name + _ENDING))
        _sync(self.folder)

    def __len__(self) -> int:
        """Return the number of entries, 0 where the folder cannot be read."""
        try:
            with os.scandir(self.folder) as files:
                return sum(1 for file in files if file.name.endswith(_ENDING))
        except OSError:
            return 0

    def entries(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Yield every entry with its file, first in, first out."""
        for path in sorted(self.folder.glob("*" + _ENDING), key=_age):
            try:
                yield path, json.loads(path.read_text("utf-8"))
            except FileNotFoundError:
                continue  # another process was faster
            except ValueError:
                logger.error("spool entry %s is not JSON: quarantined as .bad", path.name)
                self.quarantine(path)

    def take(self, path: Path) -> None:
        """Remove an entry that is in the log."""
        path.unlink(missing_ok=True)

    def quarantine(self, path: Path) -> None:
        """Rename a file that is no event of ours to `.bad`, for somebody to look at."""
        with suppress(FileNotFoundError):
            path.rename(path.with_suffix(".bad"))


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def _sync(folder: Path) -> None:
    # The name of a new file is on the disk only once its folder is (fsync(2)). Where folders cannot be opened (Windows)
    # the entry is in place all the same: an error here would refuse a grant that is recorded later.
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        logger.debug("spool folder %s cannot be synced: %s", folder, error)
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
