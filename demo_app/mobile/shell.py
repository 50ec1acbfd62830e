"""The version of the App's shell: a digest of all that it is made of."""

from __future__ import annotations

import hashlib
from pathlib import Path

from flask import Flask

_FOLDER = Path(__file__).parent


def shell_version(app: Flask) -> str:
    """Return a digest over templates, files, texts and the setting that change what the App shows."""
    digest = hashlib.sha256(repr(app.config.get("COOKIECONSENT_SHARED_SCOPES")).encode())
    site = Path(app.root_path)
    shown = [*_FOLDER.rglob("*.html"), *(_FOLDER / "static").iterdir(), *(site / "static").iterdir()]
    for path in sorted([*shown, *(site / "translations").rglob("*.po")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
