"""Configuration keys `COOKIECONSENT_*`: their table, and how they are read."""

from __future__ import annotations

from .reading import PREFIX, RENAMED, read
from .table import Settings

__all__ = ["PREFIX", "RENAMED", "Settings", "read"]
