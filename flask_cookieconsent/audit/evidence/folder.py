"""Write a folder of evidence: files for the owner alone, a manifest of SHA-256, and its name only once it is whole."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: What `sha256sum -c` reads (GNU coreutils).
MANIFEST = "MANIFEST.sha256"


class Folder:
    """A folder that is being written, below a hidden name beside its own; each file is written once."""

    def __init__(self, draft: Path) -> None:
        self._draft = draft
        self._digests: dict[str, str] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The files so far, in the order of their paths."""
        return tuple(sorted(self._digests))

    def path(self, name: str) -> Path:
        """Return where a file is while the folder is written."""
        return self._draft / name

    def write_text(self, name: str, text: str) -> None:
        """Write a file of text in UTF-8, exactly as it is."""
        self.pieces(name, (text,))

    def json(self, name: str, value: Any) -> None:
        """Write a file of JSON for people, too: indented, in the order of what is given."""
        self.write_text(name, json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def lines(self, name: str, lines: Iterable[str]) -> int:
        """Write lines as they come, one of them in memory, and return how many."""
        count = 0

        def counted() -> Iterator[str]:
            nonlocal count
            for line in lines:
                count += 1
                yield line + "\n"

        self.pieces(name, counted())
        return count

    def pieces(self, name: str, pieces: Iterable[str | bytes]) -> None:
        """Write a file piece by piece.

        :raises OSError: if the disk is full, or the file was written before.
        """
        path, digest = self.path(name), hashlib.sha256()
        for folder in reversed(path.relative_to(self._draft).parents):
            (self._draft / folder).mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in pieces:
                # Half a character, which JSON in a database may hold, has no UTF-8.
                data = piece.encode("utf-8", "replace") if isinstance(piece, str) else piece
                digest.update(data)
                file.write(data)
        self._digests[name] = digest.hexdigest()

    def manifest(self) -> None:
        """Write the manifest of all files but itself, as the last one."""
        lines = [f"{digest}  {name}" for name, digest in sorted(self._digests.items())]
        self.lines(MANIFEST, lines)


@contextmanager
def new_folder(out: Path) -> Iterator[Folder]:
    """Yield a folder to write, with a manifest and under its own name at the end; nothing is left where that fails.

    Only its owner may open it (mode 0700, files 0600): whoever hands it on decides who reads it.

    :raises OSError: if there is something already, nowhere to put it, or the disk is full.
    """
    out = out.absolute()
    if out.is_symlink() or (out.exists() and not (out.is_dir() and not any(out.iterdir()))):
        raise FileExistsError(f"--out: found {str(out)!r} with something in it, wanted a new folder or an empty one")
    if not out.parent.is_dir():
        raise FileNotFoundError(f"--out: found no folder {str(out.parent)!r}, wanted one to put {out.name!r} into")
    draft = Path(tempfile.mkdtemp(prefix=f".{out.name}.draft-", dir=out.parent))
    try:
        folder = Folder(draft)
        yield folder
        folder.manifest()
        draft.rename(out)  # onto an empty folder, too; not onto what somebody has put there in the meantime
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
