"""Where the text of a report goes: a terminal or a pipe of any encoding, or a file that is whole or not there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click


def echo(text: str, *, err: bool = False) -> None:
    """Write text to the standard output or error; what its encoding lacks is written as an escape."""
    encoding = (sys.stderr if err else sys.stdout).encoding or "utf-8"
    click.echo(text.rstrip("\n").encode(encoding, "backslashreplace").decode(encoding), err=err)


def is_colourful() -> bool:
    """Tell whether the standard output is a terminal whose user wants colours (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def write_whole(file: Path, text: str) -> None:
    """Write a file in UTF-8 by an atomic rename; a device or a pipe is written to as it is.

    :raises OSError: if it cannot be written.
    """
    path, data = file.resolve(), text.encode("utf-8", "backslashreplace")  # a link stays one
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
