"""The audit starts a browser of its own, also where those of other tests have left their event loop running."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def no_event_loop() -> Iterator[None]:
    """Hide the event loop of a browser that earlier tests have started in this thread, for one module."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)
