"""Makes the picture of the README and the contact sheets of banner styles and pages (`make sheet`)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import trustme
from playwright.sync_api import Browser, sync_playwright

from demo_app import create_app

from .gallery import BANNER_STYLES, make_gallery
from .harness import find_browser, launch, served, stand_in

DOCS = Path(__file__).parents[2] / "docs"
SIZES = ((360, 740), (768, 1024), (1280, 800))
DIRECTIONS = {"left to right": "en", "right to left": "ar"}
PAGES = {"preferences": "/cookies/", "policy": "/cookies/policy", "receipt": "/cookies/choice/receipt"}
STYLE = """body { margin: 0; padding: 12px; font: 13px/1.4 sans-serif; background: #d8dbe0; inline-size: max-content; }
h2 { margin: 10px 0 4px; font-size: 14px; } div { display: flex; gap: 8px; align-items: flex-start; }
img { block-size: 340px; box-shadow: 0 0 3px #0006; } .tall img { block-size: 640px; }"""
WINDOW = """body { margin: 0; padding: 56px; inline-size: 1840px; }
body { background: linear-gradient(160deg, #e9edf3, #cfd8e6); }
div { position: relative; block-size: 900px; }
img { position: absolute; border-radius: 14px; box-shadow: 0 24px 60px #0f1a2e55; }
.desk { inline-size: 1040px; inset: 0 auto auto 0; } .dark { inline-size: 620px; inset: auto auto 0 48px; }
.phone, .settings { inline-size: 355px; border-radius: 28px; inset: 60px 390px auto auto; }
.settings { inset: 130px 0 auto auto; }"""


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


def shot(
    browser: Browser, address: str, scheme: str, width: int, height: int, press: str = "", scale: int = 1
) -> bytes:
    """Return a picture of a page, as a whole once a button of the banner was pressed."""
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        device_scale_factor=scale,
    )
    page = context.new_page()
    if press:
        page.goto(address.split("/cookies")[0] + "/?lang=" + address.split("lang=")[1])
        page.locator(f".fcc-banner button[value={press}]").click()
        page.locator("#fcc-saved:focus").wait_for()
    page.goto(address)
    picture = page.screenshot(type="jpeg", quality=80, full_page=bool(press))
    context.close()
    return picture


def shop_window(browser: Browser) -> None:
    """Write the picture of the README: the demo on a desk and on a phone, its settings, and the night."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        desk, phone = (
            stack.enter_context(
                served(create_app({"INSTANCE_PATH": f"{folder}/{style}", "COOKIECONSENT_BANNER_STYLE": style}))
            )
            for style in ("card", "bar")
        )
        pictures = {
            "desk": shot(browser, desk, "light", 1280, 800, scale=2),
            "dark": shot(browser, desk, "dark", 1280, 620, scale=2),
            "phone": shot(browser, phone, "light", 360, 740, scale=2),
            "settings": shot(browser, f"{phone}/cookies/", "light", 360, 740, scale=2),
        }
        page = browser.new_page(viewport={"width": 1952, "height": 1012})
        page.set_content(
            f"<!doctype html><style>{WINDOW}</style><div>"
            + "".join(_image(picture, name) for name, picture in pictures.items())
        )
        page.screenshot(path=DOCS / "screenshot.jpg", type="jpeg", quality=82)
        page.close()


def sheet(browser: Browser, name: str, rows: Iterator[tuple[str, list[bytes]]], kind: str = "") -> None:
    """Write rows of pictures as one."""
    body = "".join(f"<h2>{title}</h2><div>{''.join(map(_image, found))}</div>" for title, found in rows)
    page = browser.new_page()
    page.set_content(f"<!doctype html><style>{STYLE}</style><body class='{kind}'>{body}")
    size = page.evaluate("[document.body.scrollWidth + 24, document.body.scrollHeight + 24]")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.screenshot(path=DOCS / name, type="jpeg", quality=60)
    page.close()


def _image(picture: bytes, kind: str = "") -> str:
    return f'<img class="{kind}" alt="" src="data:image/jpeg;base64,{base64.b64encode(picture).decode()}">'


def main() -> None:
    """Make all pictures."""
    executable = find_browser()
    if executable is None:
        raise SystemExit("no Chromium on this machine; install it and run this again")
    with stand_in(trustme.CA()) as stub, sync_playwright() as playwright:
        browser = launch(playwright, executable, stub)
        shop_window(browser)
        sheet(browser, "banner-styles.jpg", banners(browser))
        sheet(browser, "pages.jpg", pages(browser), "tall")
        browser.close()


if __name__ == "__main__":
    main()
