"""Files that several processes write, read and take at once: private, locked while somebody is at them, synced."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from flask_cookieconsent.errors import SetupError

try:
    import fcntl
except ImportError:  # Windows: two processes may be at one entry, which is in the log once all the same
    fcntl = None  # type: ignore[assignment]

logger = logging.getLogger("flask_cookieconsent.spool")

#: Bytes of a file that is read: a notice of many services has some ten thousand.
LONGEST = 16_777_216


def private(name: str, flags: int) -> int:
    """Open a file that nobody else may read, for `open` (POSIX)."""
    return os.open(name, flags, 0o600)


@contextmanager
def locked(path: Path, *, waits: bool) -> Iterator[BinaryIO | None]:
    """Open a file and lock it (flock(2)) until the context ends; None where another process has taken it, or is at it.

    With *waits* that is waited for. The lock goes with the process.

    :raises OSError: if it cannot be opened.
    :raises ValueError: if it is no ordinary file.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):  # opening a pipe would wait for ever
            raise ValueError("it is no ordinary file")
        file = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    with file:
        yield file if _is_ours(file, waits=waits) else None


def _is_ours(file: BinaryIO, *, waits: bool) -> bool:
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if waits else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        except OSError as error:  # a network's disk may have no locks
            logger.debug("file %s not locked: %s", file.name, error)
    return os.name != "posix" or os.fstat(file.fileno()).st_nlink > 0


def closed_to_others(folder: Path) -> Path:
    """Take the rights of other users of this machine from a folder, where there is one, and return it (POSIX).

    In one that is not ours to close, such as a shared volume or `/tmp`, a folder of our own takes its place.

    :raises SetupError: if that cannot be made, or is somebody else's.
    """
    if os.name != "posix" or not folder.is_dir():
        return folder
    mode = folder.stat().st_mode
    if not mode & 0o077:
        return folder
    if not mode & stat.S_ISVTX:
        with suppress(OSError):
            folder.chmod(0o700)
            return folder
    within = folder / f"cookieconsent-{os.getuid()}"
    try:
        within.mkdir(mode=0o700, exist_ok=True)
        found = within.lstat()
    except OSError as error:
        raise _open_to_others(folder, mode) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise _open_to_others(folder, mode)
    return within


def _open_to_others(folder: Path, mode: int) -> SetupError:
    return SetupError(
        f"COOKIECONSENT_SPOOL_FOLDER: found {folder}, open to other users (mode {stat.S_IMODE(mode):o}); "
        "wanted a folder of the app's own user, or one that is not there yet, such as a new one within"
    )


def text_in(file: BinaryIO) -> str:
    """Return the text of an open file.

    :raises OSError: if it cannot be read.
    :raises ValueError: if it is too long, or not UTF-8.
    """
    content = file.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise ValueError(f"it is longer than {LONGEST} bytes")
    return content.decode()


def age(path: Path) -> int:
    """Return when a file was last changed, in nanoseconds since 1970, 0 where there is none."""
    # Not the time of modification, which is as coarse as the event's; this one cannot be set, and is in no copy.
    try:
        return path.lstat().st_ctime_ns
    except OSError:
        return 0


def sync(folder: Path) -> None:
    """Write the names of a folder to the disk, where folders can be opened."""
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
