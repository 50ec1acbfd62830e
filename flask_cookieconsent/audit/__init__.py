"""The audit: what a site really does, compared with what it declares."""

from __future__ import annotations

#: The options file, in the folder in which the command runs or pytest has its root.
FILE = "cookieconsent-audit.toml"
