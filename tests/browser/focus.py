"""What has the focus is to be seen (H1): asked of the browser point by point, whatever lies over it and why."""

from __future__ import annotations

from playwright.sync_api import Page

#: A piece of the markup of what has the focus, and nothing of it is to be seen; else an empty text.
COVERED = """() => {
  const each = document.activeElement;
  if (!each || each === document.body) return "";
  const steps = [.05, .25, .5, .75, .95];
  const isSeen = [...each.getClientRects()].some(({ left, right, top, bottom }) => {
    const [x, y] = [Math.max(left, 0), Math.max(top, 0)];
    const [width, height] = [Math.min(right, innerWidth) - x, Math.min(bottom, innerHeight) - y];
    return width > 0 && height > 0 && steps.some((across) => steps.some((down) =>
      each.contains(document.elementFromPoint(x + across * width, y + down * height))));
  });
  return isSeen ? "" : each.outerHTML.slice(0, 90);
}"""
#: From the first to the last of the page and once around the browser itself.
MOST_TABS = 60


def covered(page: Page) -> list[str]:
    """Walk through a page with the Tab key, to its end and back; return what was covered when it had the focus."""
    found = []
    page.evaluate("document.activeElement.blur(), scrollTo(0, 0)")
    for key in ("Tab", "Shift+Tab"):
        for _ in range(MOST_TABS):
            page.keyboard.press(key)
            if page.evaluate("document.activeElement === document.body"):
                break
            if what := page.evaluate(COVERED):
                found.append(f"{key}: {what}")
    return found
