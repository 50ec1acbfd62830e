"""Single use of short-lived codes in all processes of one machine: exclusive creation of a file for each (POSIX)."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import suppress
from pathlib import Path

from flask_cookieconsent.errors import SetupError

from .files import closed_to_others, private

logger = logging.getLogger("flask_cookieconsent")

#: Codes that are remembered at most, on disk or in memory: more in a minute come from no phone, and are not taken.
MOST_CODES = 10_000

_ENDING = ".code"


class UsedCodes:
    """Remembers the codes that were used, until they are too old to be used again.

    Where *folder* cannot be written, a process remembers its own alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, int] = {}
        self._was_told = False
        self._lock = threading.Lock()

    def use(self, digest: str, *, until: int, now: int) -> bool:
        """Use a code once, and tell whether this is the first time; never raises.

        It counts *until* a second, like *now* since 1970. Its digest is the name of a file, so it is hexadecimal.
        """
        try:
            return self._create(digest, until, now)
        except (OSError, SetupError) as error:
            if not self._was_told:
                logger.warning("used codes are remembered by each process alone: %s", error)
            self._was_told = True
            return self._remember(digest, until, now)

    def _create(self, digest: str, until: int, now: int) -> bool:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = closed_to_others(self._folder)
        used = self._swept(folder, now)
        if used >= MOST_CODES:
            return False
        try:
            with open(folder / f"{until}-{digest}{_ENDING}", "x", opener=private):
                return True
        except FileExistsError:
            return False

    def _swept(self, folder: Path, now: int) -> int:
        """Remove the files of codes that are too old, and return how many there are of others."""
        left = 0
        for name in os.listdir(folder):
            until = name.partition("-")[0]
            if not name.endswith(_ENDING) or not until.isdecimal():
                continue
            if int(until) >= now:
                left += 1
                continue
            with suppress(OSError):  # another process was faster
                (folder / name).unlink()
        return left

    def _remember(self, digest: str, until: int, now: int) -> bool:
        with self._lock:
            self._known = {known: last for known, last in self._known.items() if last >= now}
            if digest in self._known or len(self._known) >= MOST_CODES:
                return False
            self._known[digest] = until
            return True
