"""The programs of a browser that this process has started, so that a test can stop or kill one of them."""

from __future__ import annotations

from contextlib import suppress

import psutil

#: How each of them is called: Playwright's driver, the browser, and what shows its pages.
DRIVER, BROWSER, RENDERER = "run-driver", "--remote-debugging-pipe", "--type=renderer"


def programs(word: str) -> list[psutil.Process]:
    """Return the programs that are called with a word; the parts of a browser are no browser."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            # A renderer writes all of its call into one word.
            call = " ".join(process.cmdline())
            if word in call and ("--type=" not in call or word == RENDERER):
                found.append(process)
    return found
