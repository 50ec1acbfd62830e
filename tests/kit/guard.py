"""Guard over the servers of a test: they and their folder go, also where the tests themselves are killed."""

from __future__ import annotations

import subprocess
from pathlib import Path

# Its input ends when whoever started it ends, in whichever way. Each file names a group of processes; the `kill` of
# dash takes no `--` before one. Nobody waits for the folder to go.
_SCRIPT = """
cat > /dev/null
for group in "$1"/*.group; do
    [ -e "$group" ] && kill -9 "-$(cat "$group")" 2> /dev/null
done
(
    for try in 1 2 3 4 5; do
        rm -rf "$1" && exit
        sleep 0.2
    done
) &
"""


class Guard:
    """Process that waits for the end of this one, ends what it was told of, and has a folder removed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # A session of its own, or Ctrl+C would end it first.
        self._process = subprocess.Popen(
            ["sh", "-c", _SCRIPT, "guard", str(folder)], stdin=subprocess.PIPE, start_new_session=True
        )

    def watch(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """Keep in mind the leader of a group of processes, in the place of an earlier one of that name."""
        (self._folder / f"{name}.group").write_text(str(process.pid))

    def close(self) -> None:
        """End everything now."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
