"""The programs of a browser that this process has started, so that a test can stop or kill one of them."""

from __future__ import annotations

from contextlib import suppress

import psutil

#: How each of them is called: Playwright's driver, the browser, and what shows its pages.
DRIVER, BROWSER, RENDERER = "run-driver", "--remote-debugging-pipe", "--type=renderer"


class Programs:
    """Those of browsers that are started from now on; what runs already belongs to other tests."""

    def __init__(self) -> None:
        self._others = set(psutil.Process().children())

    def called(self, word: str) -> list[psutil.Process]:
        """Return those that are called with a word; the parts of a browser are no browser."""
        found = []
        for child in set(psutil.Process().children()) - self._others:
            for process in (child, *child.children(recursive=True)):
                with suppress(psutil.Error):
                    # A renderer writes all of its call into one word.
                    call = " ".join(process.cmdline())
                    if word in call and ("--type=" not in call or word == RENDERER):
                        found.append(process)
        return found
