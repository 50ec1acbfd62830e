"""Durable spool (outbox) on disk for events while the database is unavailable: a signed, fsynced file for each (F5)."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import Notice, digest
from flask_cookieconsent.errors import SetupError, SpoolFullError

from .events import Event, Keys

logger = logging.getLogger("flask_cookieconsent.spool")

#: Most files in a spool; beyond it `Spool.add` raises `SpoolFullError`, and grants are refused.
MOST_WAITING = 10_000
#: The part of them that events of a kind may fill, all for the others: anybody can send a refusal, a grant needs its
#: proof, and what was granted its withdrawal.
SHARES = MappingProxyType({Kind.REFUSED: 0.8, Kind.GIVEN: 0.9, Kind.CHANGED: 0.9})
#: Bytes of a file that is read: a notice of many services has some ten thousand.
LONGEST = 16_777_216

_ENDING, _DRAFT = ".json", ".draft"
# Seconds after which nobody is writing a draft any more.
_DRAFT_IS_LEFT = 3_600


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An event that waits, with what the log needs besides: the digest of the receipt before, and the notice shown."""

    event: Event
    previous_receipt: str | None = None
    notice: Notice | None = None

    def text(self, keys: Keys) -> str:
        """Return the entry as JSON, with one HMAC over all of it."""
        event = self.event.row | {"time": self.event.time.isoformat()}
        notice = None if self.notice is None else asdict(self.notice)
        entry = {"event": event, "previous_receipt": self.previous_receipt, "notice": notice}
        return json.dumps(keys.with_mac(entry))

    @classmethod
    def of(cls, text: str, keys: Keys) -> Waiting:
        """Return the entry that a text holds.

        :raises ValueError: if the text is no entry of this site and this version, whatever else it is.
        """
        try:
            entry = json.loads(text)
            if not keys.is_genuine(entry):
                raise ValueError("it has no valid signature")
            values, notice = entry["event"], entry["notice"]
            moment, kind = datetime.fromisoformat(values["time"]), Kind(values["kind"])
            waiting = cls(
                event=Event(**values | {"time": moment, "kind": kind}),
                previous_receipt=entry["previous_receipt"],
                notice=None if notice is None else Notice(**notice),
            )
        except (KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError("it is no entry of this version") from error
        if waiting.notice is not None and digest(waiting.notice.snapshot) != waiting.notice.digest:
            raise ValueError("its notice is not the one that its digest names")
        return waiting


class Spool:
    """A private folder of JSON files; any number of processes may write to it, and empty it, at once.

    A file appears whole or not at all (atomic rename), and is on the disk before its name is. Delivery is at least
    once: whoever empties the spool writes an entry where a second time does no harm, then removes its file. Files of
    another *scope* are left to that site: two apps may share an instance folder and not a database.
    """

    def __init__(self, folder: Path, keys: Keys, scope: str) -> None:
        self.folder, self._keys = folder, keys
        self._tag = hashlib.sha256(scope.encode()).hexdigest()[:8]

    def add(self, waiting: Waiting) -> None:
        """Write an entry to the disk, with fsync of the file and of its folder, until it is taken.

        :raises SpoolFullError: if too many wait already.
        :raises SetupError: if others may write to the folder, and none of our own can be made in it.
        :raises OSError: if the disk cannot keep it.
        """
        event = waiting.event
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.close_to_others()
        if len(self) >= MOST_WAITING * SHARES.get(event.kind, 1):
            raise SpoolFullError(f"{self.folder} holds {len(self)} events; see why the database is unavailable")
        draft = self.folder / f"{event.id}.{self._tag}.{secrets.token_hex(4)}{_DRAFT}"
        try:
            with open(draft, "x", encoding="utf-8", opener=_private) as file:
                file.write(waiting.text(self._keys))
                file.flush()
                os.fsync(file.fileno())
            # A copy of the folder shall not say more than the event does of when a visitor was there.
            moment = event.time.replace(tzinfo=UTC).timestamp()
            os.utime(draft, (moment, moment))
            draft.replace(self.folder / f"{event.id}.{self._tag}{_ENDING}")
        except OSError:
            with suppress(OSError):
                draft.unlink()
            raise
        _sync(self.folder)

    def close_to_others(self) -> None:
        """Take the rights of other users of this machine from the folder, where there is one (POSIX).

        In one that is not ours to close, such as a shared volume or `/tmp`, a folder of our own takes its place.

        :raises SetupError: if that cannot be made, or is somebody else's.
        """
        if os.name != "posix" or not self.folder.is_dir():
            return
        mode = self.folder.stat().st_mode
        if not mode & 0o077:
            return
        if not mode & stat.S_ISVTX:
            with suppress(OSError):
                self.folder.chmod(0o700)
                return
        within = self.folder / f"cookieconsent-{os.getuid()}"
        try:
            within.mkdir(mode=0o700, exist_ok=True)
            found = within.lstat()
        except OSError as error:
            raise self._open_to_others(mode) from error
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise self._open_to_others(mode)
        self.folder = within

    def _open_to_others(self, mode: int) -> SetupError:
        return SetupError(
            f"COOKIECONSENT_SPOOL_FOLDER: found {self.folder}, open to other users (mode {stat.S_IMODE(mode):o}); "
            "wanted a folder of the app's own user, or one that is not there yet, such as a new one within"
        )

    def __len__(self) -> int:
        """Return the number of entries, 0 where the folder cannot be read."""
        return len(self._files(_ENDING))

    def entries(self) -> Iterator[tuple[Path, Waiting]]:
        """Yield every entry with its file, first in, first out; whatever else lies there is put aside, and told."""
        self._remove_drafts()
        for path in sorted(self._files(_ENDING), key=_age):
            try:
                text = _content(path)
                if text is not None:
                    yield path, Waiting.of(text, self._keys)
            except (OSError, ValueError) as error:
                self.quarantine(path, str(error))

    def take(self, path: Path) -> None:
        """Remove an entry that is in the log."""
        path.unlink(missing_ok=True)

    def quarantine(self, path: Path, reason: str) -> None:
        """Rename a file that the log cannot take to `.bad`, for somebody to look at; never raises."""
        try:
            path.rename(path.with_suffix(".bad"))
        except FileNotFoundError:
            return  # another process was faster
        except OSError as error:
            reason += f"; it cannot be renamed: {error}"
        logger.error("spool entry %s quarantined as .bad: %s", path.name, reason)

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

    def _remove_drafts(self) -> None:
        """Remove what a process that was killed while it wrote has left; nobody was told that it is recorded."""
        before = (time.time() - _DRAFT_IS_LEFT) * 1e9
        for path in self._files(_DRAFT):
            if 0 < _age(path) < before:
                logger.warning("spool draft %s removed: whoever wrote it did not finish", path.name)
                with suppress(OSError):
                    path.unlink()


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _content(path: Path) -> str | None:
    """Return the text of a file, None where another process has taken it.

    :raises OSError: if it cannot be read.
    :raises ValueError: if it is no ordinary file, too long, or not UTF-8.
    """
    try:
        status = path.lstat()
        if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
            raise ValueError("it is no ordinary file")
        if status.st_size > LONGEST:
            raise ValueError(f"it is longer than {LONGEST} bytes")
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None


def _age(path: Path) -> int:
    # Not the time of modification, which is as coarse as the event's; this one cannot be set, and is in no copy.
    try:
        return path.lstat().st_ctime_ns
    except OSError:
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
