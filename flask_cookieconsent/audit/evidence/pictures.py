"""Pictures of notices by a real browser, where Playwright and a Chromium are there; offline and without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask_cookieconsent.audit.browser.chromium import PAGE_SECONDS, BrowserMissing, Chromium, started

#: The screens: what each is called, and its size in CSS pixels.
SCREENS = {"desktop": (1280, 800), "phone": (390, 844)}
#: What a notice consists of, by the elements of our templates.
PARTS = {"banner": ".fcc-banner", "preferences": ".fcc-preferences"}

#: What the index says where there are none.
NO_PLAYWRIGHT = "Playwright is not installed on the server (pip install 'Flask-CookieConsent[audit]')"
FAILED = "the browser on the server did not get to its end"
NO_BROWSER = "Playwright found no Chromium on the server (playwright install chromium)"


class Camera:
    """Takes the pictures of notices; `missing` says afterwards why there are none, and is empty where there are.

    A notice may take so many *seconds* on one screen.
    """

    def __init__(self, seconds: float = PAGE_SECONDS) -> None:
        self.missing = "" if find_spec("playwright") else NO_PLAYWRIGHT
        self._seconds = seconds

    def pictures(self, pages: Iterable[tuple[str, Path]]) -> Iterator[tuple[str, bytes]]:
        """Yield name and PNG of each picture; *pages* are the folder and the file of each notice."""
        if self.missing:
            return
        from playwright.sync_api import Error

        try:
            with started(seconds=self._seconds) as chromium:
                yield from _taken(chromium, list(pages))
        except BrowserMissing:
            self.missing = NO_BROWSER
        except Error:  # it has crashed, or takes too long; the notices are there without it
            self.missing = FAILED


def _taken(chromium: Chromium, pages: list[tuple[str, Path]]) -> Iterator[tuple[str, bytes]]:
    for screen, (width, height) in SCREENS.items():
        with chromium.limited(screen):
            context = chromium.browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="light",
                reduced_motion="reduce",
                java_script_enabled=False,
                offline=True,
            )
            page = context.new_page()
        for folder, file in pages:
            with chromium.limited(folder):
                found = list(_parts(page, folder, file, screen))
            yield from found
        with chromium.limited(screen):
            context.close()


def _parts(page: Any, folder: str, file: Path, screen: str) -> Iterator[tuple[str, bytes]]:
    """Yield a picture of each part by itself, or of the whole where a site has templates of its own."""
    seen = False
    for part, selector in PARTS.items():
        page.goto(file.as_uri())
        if page.locator(selector).count() == 0:
            continue
        seen = True
        for other in PARTS.values():
            if other != selector:
                page.locator(other).evaluate_all("found => found.forEach(each => each.remove())")
        yield f"{folder}/{part}-{screen}.png", page.locator(selector).first.screenshot(animations="disabled")
    if not seen:
        page.goto(file.as_uri())
        yield f"{folder}/whole-{screen}.png", page.screenshot(full_page=True, animations="disabled")
