"""Where events wait on disk while the database is away, each in a file of its own, until they are in the log (F5)."""

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

#: A spool that grows beyond this is no short trouble any more; grants are refused from then on.
MOST_WAITING = 10_000


_ENDING = ".json"


class Spool:
    """A folder of waiting entries; any number of processes may write to it, and empty it, at once.

    An entry is a file that appears whole or not at all, and is on the disk before its name is. Whoever empties the
    spool hands each entry to a function that may be called twice with it, and removes the file after that.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, entry: Mapping[str, Any]) -> None:
        """Keep an entry until it is taken.

        :raises SpoolFullError: if too many wait already.
        :raises OSError: if the disk cannot keep it.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if len(self) >= MOST_WAITING:
            raise SpoolFullError(f"{self._folder} holds {MOST_WAITING} events; see why the database is away")
        draft = self._folder / f"{name}.{secrets.token_hex(4)}.draft"
        with draft.open("x", encoding="utf-8") as file:
            json.dump(entry, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / (name + _ENDING))
        _sync(self._folder)

    def __len__(self) -> int:
        """Return how many entries wait."""
        try:
            with os.scandir(self._folder) as found:
                return sum(1 for each in found if each.name.endswith(_ENDING))
        except OSError:
            return 0

    def entries(self) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Yield every waiting entry with its file, in the order in which they came."""
        for path in sorted(self._folder.glob("*" + _ENDING), key=_age):
            try:
                yield path, json.loads(path.read_text("utf-8"))
            except FileNotFoundError:
                continue  # another process was faster
            except ValueError:
                logger.error("%s in the spool is no event; it is put aside", path.name)
                self.put_aside(path)

    def take(self, path: Path) -> None:
        """Remove an entry that is in the log."""
        path.unlink(missing_ok=True)

    def put_aside(self, path: Path) -> None:
        """Keep a file that is no event of ours for somebody to look at."""
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
