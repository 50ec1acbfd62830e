"""The demo and a browser, for the tests that drive them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import trustme
from playwright.sync_api import Browser, sync_playwright

from demo_app import create_app

from .harness import Stub, Visitor, find_browser, launch, missing, served, stand_in


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, so that it can be left out with `-m "not browser"`, and try once more what fails.

    A browser on a busy machine is late now and then; what is broken fails twice, and the report names what was tried
    again.
    """
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=1))


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Signs for the hosts of the tests."""
    return trustme.CA()


@pytest.fixture(scope="session")
def stub(authority: trustme.CA) -> Iterator[Stub]:
    """Stands for every other company."""
    with stand_in(authority) as running:
        yield running


@pytest.fixture(scope="session")
def start_browser(stub: Stub) -> Iterator[Callable[..., Browser]]:
    """Starts a real, headless Chromium."""
    executable = find_browser()
    if executable is None:
        missing("chromium")
    with sync_playwright() as playwright:
        yield lambda program=executable, **options: launch(playwright, program, stub, **options)


@pytest.fixture(scope="session")
def browser(start_browser: Callable[..., Browser]) -> Iterator[Browser]:
    """The browser of most tests."""
    running = start_browser()
    yield running
    running.close()


@pytest.fixture(scope="session")
def chromium(start_browser: Callable[..., Browser]) -> Iterator[Browser]:
    """The browser that people have, with windows, where it is installed; else the one of most tests."""
    running = start_browser(program=shutil.which("chromium") or find_browser())
    yield running
    running.close()


@pytest.fixture(scope="session")
def keeping_browser(start_browser: Callable[..., Browser]) -> Iterator[Browser]:
    """A browser that keeps pages for the Back button, as browsers of people do and those of tests do not."""
    program = shutil.which("chromium") or find_browser()
    running = start_browser(program=program, ignore_default_args=["--disable-back-forward-cache"])
    yield running
    running.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The demo, with a database of its own."""
    return create_app({"INSTANCE_PATH": str(tmp_path_factory.mktemp("instance"))})


@pytest.fixture(scope="session")
def address(demo: Any, authority: trustme.CA) -> Iterator[str]:
    """Where the demo runs, over TLS."""
    with served(demo, authority) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors of the demo, each with a browser profile of their own."""
    made: list[Visitor] = []

    def make(at: str = address, **options: Any) -> Visitor:
        made.append(Visitor(browser, at, **options))
        return made[-1]

    yield make
    for each in made:
        each.context.close()
