"""Durable spool (outbox) on disk for events while the database is unavailable: a signed, fsynced file for each (F5)."""

from __future__ import annotations

import hashlib
import logging
import os
import secrets
import shutil
import time
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from datetime import UTC
from pathlib import Path
from types import MappingProxyType

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import Notice
from flask_cookieconsent.errors import SpoolFullError

from .entries import event_in, event_text, notice_in, notice_text
from .events import Event, Keys
from .files import age, closed_to_others, locked, private, sync, text_in

logger = logging.getLogger("flask_cookieconsent.spool")

_MEBIBYTE = 1 << 20
#: Bytes of the disk that have to be free before an event of a kind may wait, 4 MiB for others: anybody can send a
#: refusal, a grant needs its proof, and what was granted its withdrawal.
FREE_BYTES = MappingProxyType({Kind.REFUSED: 16 * _MEBIBYTE, Kind.GIVEN: 8 * _MEBIBYTE, Kind.CHANGED: 8 * _MEBIBYTE})
_FREE_BYTES_OF_OTHERS = 4 * _MEBIBYTE
_ENDING, _DRAFT, _NOTICE, _ASIDE = ".json", ".draft", ".notice", ".bad"
# Digits of a receipt's digest in the name of an entry's file.
_HINT = 8
# Bytes that a file takes at least.
_BLOCK = 4_096
# Seconds after which nobody is writing any more: a draft is left over, and a notice that no entry names is not needed.
_IS_LEFT = 3_600


class Spool:
    """A private folder of JSON files; any number of processes may write to it, and empty it, at once.

    A file appears whole or not at all (atomic rename), and is on the disk before its name is. Delivery is at least
    once: whoever empties the spool writes an entry where a second time does no harm, then removes its file. A notice
    that entries name has one file for all of them. Files of another *scope* are left to that site: two apps may share
    an instance folder and not a database.
    """

    def __init__(self, folder: Path, keys: Keys, scope: str) -> None:
        self.folder, self._keys = folder, keys
        #: Names of files that were put aside before, and told.
        self._told: set[str] = set()
        self._tag = hashlib.sha256(scope.encode()).hexdigest()[:8]

    def add(self, event: Event, notice: Notice | None = None) -> None:
        """Write an event to the disk, after the notice it names, with fsync of files and folder, until it is taken.

        :raises SpoolFullError: if too little of the disk is free.
        :raises SetupError: if others may write to the folder, and none of our own can be made in it.
        :raises OSError: if the disk cannot keep it.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.close_to_others()
        free, wanted = self.free_bytes, FREE_BYTES.get(event.kind, _FREE_BYTES_OF_OTHERS)
        if free < wanted:
            raise SpoolFullError(
                f"{self.folder} holds {len(self)} events, and {free} bytes of its disk are free, wanted {wanted}; "
                "see why the database is unavailable"
            )
        if notice is not None:
            self._keep(notice)
        # A copy of the folder shall not say more than the event does of when a visitor was there.
        moment = event.time.replace(tzinfo=UTC).timestamp()
        # Digits of the receipt, so that an erasure need not read every file.
        name = f"{event.id}-{event.receipt[:_HINT]}" if event.receipt else event.id
        self._write(f"{name}.{self._tag}{_ENDING}", event_text(event, self._keys), moment)

    def _keep(self, notice: Notice) -> None:
        path = self._notice_path(notice.digest)
        try:
            os.utime(path)  # it is needed, so that nobody takes it for left over
        except FileNotFoundError:
            self._write(path.name, notice_text(notice, self._keys), None)

    def _write(self, name: str, text: str, modified_at: float | None) -> None:
        draft = self.folder / f"{name.partition('.')[0]}.{self._tag}.{secrets.token_hex(4)}{_DRAFT}"
        try:
            with open(draft, "x", encoding="utf-8", opener=private) as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            if modified_at is not None:
                os.utime(draft, (modified_at, modified_at))
            draft.replace(self.folder / name)
        except OSError:
            with suppress(OSError):
                draft.unlink()
            raise
        sync(self.folder)

    def close_to_others(self) -> None:
        """Take the rights of other users of this machine from the folder, where there is one (POSIX).

        In one that is not ours to close, such as a shared volume or `/tmp`, a folder of our own takes its place.

        :raises SetupError: if that cannot be made, or is somebody else's.
        """
        self.folder = closed_to_others(self.folder)

    @property
    def free_bytes(self) -> int:
        """The bytes of the disk that are free for files of this process, 0 where there is no such folder."""
        return free_bytes(self.folder)

    def __len__(self) -> int:
        """Return the number of entries, 0 where the folder cannot be read."""
        return len(self._files(_ENDING))

    @property
    def put_aside(self) -> int:
        """The number of files that the log could not take, and that somebody has to look at."""
        return len(self._files(_ASIDE))

    @property
    def drafts(self) -> int:
        """The number of files that somebody writes just now, or did not finish."""
        return len(self._files(_DRAFT))

    def entries(
        self, *, again: bool = False, receipts: Collection[str] | None = None, waits: bool = False
    ) -> Iterator[tuple[Path, Event]]:
        """Yield every event with its file, oldest first, as `read` does."""
        return self.read(self.paths(again=again, receipts=receipts), waits=waits)

    def paths(self, *, again: bool = False, receipts: Collection[str] | None = None) -> list[Path]:
        """Return the files of all entries, oldest first.

        *again* names what was put aside before, too: its key, or what the database refused, may have come back. With
        the digests of *receipts*, files of others are left out, but for some that begin alike.
        """
        paths = self._files(_ENDING) + (self._files(_ASIDE) if again else [])
        self._remove_left(has_entries=bool(paths))
        if receipts is not None:
            hints = {receipt[:_HINT] for receipt in receipts}
            paths = [path for path in paths if path.name.partition(".")[0].partition("-")[2] in hints]
        # Ids begin with the minute; names compare many times faster than paths.
        return sorted(paths, key=lambda path: path.name)

    def read(self, paths: Iterable[Path], *, waits: bool = False) -> Iterator[tuple[Path, Event]]:
        """Yield the event of each file; what is no entry is put aside, and told.

        Until the next one is asked for nobody else gets the file: a process that comes to it meanwhile passes it over,
        or *waits*.
        """
        for path in paths:
            try:
                with locked(path, waits=waits) as file:
                    if file is not None:
                        yield path, event_in(text_in(file), self._keys)
            except (OSError, ValueError) as error:
                self.set_aside(path, str(error))

    def notice(self, digest: str) -> Notice | None:
        """Return the notice that entries name by a digest, None where it is not kept here.

        :raises OSError: if it cannot be read.
        :raises ValueError: if it is not ours.
        """
        with locked(self._notice_path(digest), waits=True) as file:
            return None if file is None else notice_in(text_in(file), self._keys)

    def take(self, path: Path) -> None:
        """Remove an entry that is in the log."""
        path.unlink(missing_ok=True)

    def set_aside(self, path: Path, reason: str) -> None:
        """Rename a file that the log cannot take to `.bad`, for somebody to look at; never raises.

        What is found there again is told once by each process.
        """
        if path.suffix == _ASIDE and path.name in self._told:
            return
        aside = path.with_suffix(_ASIDE)
        try:
            path.rename(aside)
        except FileNotFoundError:
            return  # another process was faster
        except OSError as error:
            reason += f"; it cannot be renamed: {error}"
        self._told.add(aside.name)
        logger.error("spool entry %s quarantined as .bad: %s", path.name, reason)

    def _notice_path(self, digest: str) -> Path:
        return self.folder / f"{digest}.{self._tag}{_NOTICE}"

    def _files(self, ending: str) -> list[Path]:
        try:
            names = [name for name in os.listdir(self.folder) if name.endswith(ending)]
        except OSError as error:
            if not isinstance(error, FileNotFoundError | NotADirectoryError):
                logger.error("spool folder %s cannot be read: %s", self.folder, error)
            return []
        return [self.folder / name for name in names if self._is_own(name.removesuffix(ending), ending)]

    def _is_own(self, name: str, ending: str) -> bool:
        # A draft has a random part too; what has fewer parts is no other site's, but of an older release or a stranger.
        _, *parts = name.split(".")
        return len(parts) < (2 if ending == _DRAFT else 1) or parts[0] == self._tag

    def _remove_left(self, *, has_entries: bool) -> None:
        """Remove what a process that was killed while it wrote has left, and notices that no entry names any more."""
        before = (time.time() - _IS_LEFT) * 1e9
        for path in self._files(_DRAFT) + ([] if has_entries or self.put_aside else self._files(_NOTICE)):
            if 0 < age(path) < before:
                if path.suffix == _DRAFT:
                    logger.warning("spool draft %s removed: whoever wrote it did not finish", path.name)
                with suppress(OSError):
                    path.unlink()


def free_bytes(folder: Path) -> int:
    """Return the bytes of a folder's disk that are free for files of this process, 0 where there is no such folder."""
    try:
        free = shutil.disk_usage(folder).free
        if not hasattr(os, "statvfs"):  # Windows
            return free
        files = os.statvfs(folder)
        # A disk may have room and no place for another file; where files are not counted there is always one.
        return min(free, files.f_favail * _BLOCK) if files.f_files else free
    except OSError:
        return 0
