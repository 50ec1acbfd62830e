"""Plugin of pytest, which loads it by its entry point."""

from __future__ import annotations
