"""Disks that are full or take no writes, for root and for others."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from .databases import NotHereError


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True)
    if done.returncode:
        raise NotHereError(f"a disk cannot be mounted here: {done.stderr.strip()}")


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[None]:
    """Make a folder a disk of its own (tmpfs)."""
    folder.mkdir(exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={size}", "none", str(folder))
    try:
        yield
    finally:
        _unmount(folder)


@contextmanager
def full(folder: Path) -> Iterator[None]:
    """Fill the disk of a folder to the last byte."""
    ballast = folder / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(512))
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Let nobody change a folder; whoever may do everything needs a disk that cannot."""
    if os.geteuid():
        mode = folder.stat().st_mode
        folder.chmod(0o500)
        try:
            yield
        finally:
            folder.chmod(mode)
        return
    # Whoever has a file open keeps a disk from being made read-only; so a second way to it is, and is put before it.
    aside = folder.with_name(f"{folder.name}-read-only")
    aside.mkdir()
    with ExitStack() as ends:
        ends.callback(aside.rmdir)
        _mount("--bind", str(folder), str(aside))
        ends.callback(_unmount, aside)
        _mount("-o", "remount,bind,ro", str(aside))
        _mount("--bind", str(aside), str(folder))
        ends.callback(_unmount, folder)
        yield


def _unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=True)
