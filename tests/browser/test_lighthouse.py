"""What a search engine's own tool says of the demo: accessibility, best practices and search, all of a hundred."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.kit.sites import Site

from .gallery import make_gallery
from .harness import served

HERE = Path(__file__).parent
#: The command of the tool does the same, and lingers for five seconds after its report.
AUDIT = """
import lighthouse from "lighthouse";
const [address, port, settings] = process.argv.slice(1);
const result = await lighthouse(address, { port: Number(port), ...JSON.parse(settings) });
process.stdout.write(JSON.stringify(result.lhr), () => process.exit(0));
"""
CATEGORIES = ("accessibility", "best-practices", "seo")
SETTINGS = {
    **{"onlyCategories": CATEGORIES, "logLevel": "silent", "throttlingMethod": "provided"},
    **{"maxWaitForLoad": 3_000, "disableFullPageScreenshot": True},
}
PAGES = ("/stories", "/cookies/")

pytestmark = pytest.mark.skipif(
    not (HERE / "node_modules" / "lighthouse").exists() or shutil.which("node") is None,
    reason="Lighthouse comes with npm: `make browser`",
)


@pytest.fixture(scope="module")
def port(start_browser: Callable[..., Browser]) -> Iterator[int]:
    """Where a browser of its own listens to the tool."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    running = start_browser(more=[f"--remote-debugging-port={number}"])
    yield number
    running.close()


def scores(address: str, port: int) -> tuple[dict[str, int], list[str]]:
    """Return the score of each category, and what was found wrong."""
    command = ["node", "--input-type=module", "--eval", AUDIT, address, str(port), json.dumps(SETTINGS)]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=True, timeout=120)
    report: dict[str, Any] = json.loads(done.stdout)
    wrong = [each["id"] for each in report["audits"].values() if each["score"] is not None and each["score"] < 1]
    return {name: round(100 * report["categories"][name]["score"]) for name in CATEGORIES}, wrong


@pytest.mark.parametrize("path", PAGES)
def test_lighthouse_scores_of_the_demo_are_100(address: str, port: int, path: str) -> None:
    found, wrong = scores(address + path, port)

    assert found == dict.fromkeys(CATEGORIES, 100), wrong


@pytest.fixture
def twin() -> Iterator[tuple[Site, str]]:
    site = make_gallery(templates={"home.html": "<!doctype html><title></title><img src='/none.png'><a href='/'></a>"})
    with served(site.app) as running:
        yield site, running


def test_lighthouse_scores_a_careless_page_lower(twin: tuple[Site, str], port: int) -> None:
    found, _ = scores(twin[1] + "/", port)

    assert all(found[each] < 100 for each in CATEGORIES)
