"""Makes the contact sheets: every banner style, scheme, direction and width on one picture (`make sheet`)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import trustme
from playwright.sync_api import Browser, sync_playwright

from .gallery import BANNER_STYLES, make_gallery
from .harness import find_browser, launch, served, stand_in

DOCS = Path(__file__).parents[2] / "docs"
SIZES = ((320, 568), (360, 740), (768, 1024), (1280, 800), (1920, 1080))
DIRECTIONS = {"left to right": "en", "right to left": "ar"}
PAGES = {"preferences": "/cookies/", "policy": "/cookies/policy", "receipt": "/cookies/choice/receipt"}
STYLE = """body { margin: 0; padding: 12px; font: 13px/1.4 sans-serif; background: #d8dbe0; inline-size: max-content; }
h2 { margin: 10px 0 4px; font-size: 14px; } div { display: flex; gap: 8px; align-items: flex-start; }
img { block-size: 150px; box-shadow: 0 0 3px #0006; } .tall img { block-size: 420px; }"""


def banners(browser: Browser) -> Iterator[tuple[str, list[bytes]]]:
    """Yield a row of pictures of the banner for each banner style, scheme and direction."""
    for banner_style in BANNER_STYLES:
        site = make_gallery(banner_style)
        with served(site.app) as address:
            for direction, language in DIRECTIONS.items():
                for scheme in ("light", "dark"):
                    found = [
                        shot(browser, f"{address}/?lang={language}", scheme, width, height) for width, height in SIZES
                    ]
                    yield f"{banner_style}, {scheme}, {direction}", found


def pages(browser: Browser) -> Iterator[tuple[str, list[bytes]]]:
    """Yield a row of pictures of whole pages for each scheme and direction."""
    site = make_gallery()
    with served(site.app) as address:
        for direction, language in DIRECTIONS.items():
            for scheme in ("light", "dark"):
                found = [
                    shot(browser, f"{address}{path}?lang={language}", scheme, width, 800, press="accept")
                    for path in PAGES.values()
                    for width in (360, 1280)
                ]
                yield f"{', '.join(PAGES)}: {scheme}, {direction}", found


def shot(browser: Browser, address: str, scheme: str, width: int, height: int, press: str = "") -> bytes:
    """Return a picture of a page, as a whole once a button of the banner was pressed."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    if press:
        page.goto(address.split("/cookies")[0] + "/?lang=" + address.split("lang=")[1])
        page.locator(f".fcc-banner button[value={press}]").click()
        page.locator("#fcc-saved:focus").wait_for()
    page.goto(address)
    picture = page.screenshot(type="jpeg", quality=80, full_page=bool(press))
    context.close()
    return picture


def sheet(browser: Browser, name: str, rows: Iterator[tuple[str, list[bytes]]], kind: str = "") -> None:
    """Write rows of pictures as one."""
    body = "".join(f"<h2>{title}</h2><div>{''.join(map(_image, found))}</div>" for title, found in rows)
    page = browser.new_page()
    page.set_content(f"<!doctype html><style>{STYLE}</style><body class='{kind}'>{body}")
    size = page.evaluate("[document.body.scrollWidth + 24, document.body.scrollHeight + 24]")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.screenshot(path=DOCS / name, type="jpeg", quality=60)
    page.close()


def _image(picture: bytes) -> str:
    return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(picture).decode()}">'


def main() -> None:
    """Make both sheets."""
    executable = find_browser()
    if executable is None:
        raise SystemExit("no Chromium on this machine; install it and run this again")
    with stand_in(trustme.CA()) as stub, sync_playwright() as playwright:
        browser = launch(playwright, executable, stub)
        sheet(browser, "banner-styles.jpg", banners(browser))
        sheet(browser, "pages.jpg", pages(browser), "tall")
        browser.close()


if __name__ == "__main__":
    main()
