"""axe-core, run inside the page that it audits."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

#: Only what is wrong travels to the test: the passed rules of a page are a hundred times as much.
AUDIT = """() => axe.run({ resultTypes: ["violations"] }).then(({ violations }) => violations.flatMap(
  ({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`)))"""


def violations(page: Page) -> list[str]:
    """Return the accessibility violations that axe-core finds in a page, best-practice rules included.

    The script is injected once for each document, whatever is audited in it later.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(AUDIT)
    return found
