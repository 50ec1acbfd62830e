"""Tests in a real browser."""

from __future__ import annotations

import pytest

# A shared check explains its failures as well as a test does.
pytest.register_assert_rewrite("tests.browser.equality")
