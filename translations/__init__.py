"""The message catalogs; a package, so that they are found wherever it is installed."""

from __future__ import annotations
