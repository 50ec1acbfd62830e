"""The configuration of the demo, and the secret key that it keeps in its instance folder."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from flask import Flask

DEFAULTS = {
    "SQLALCHEMY_DATABASE_URI": "sqlite:///ecom.db",
    "SESSION_COOKIE_SAMESITE": "Lax",
    "COOKIECONSENT_CONTROLLER": "Ecom NV",
    "COOKIECONSENT_CONTROLLER_ADDRESS": "Voorbeeldkaai 12, 9000 Gent",
    "COOKIECONSENT_CONTACT": "privacy@ecom.example",
    "COOKIECONSENT_POLICY_VERSION": "1",
    "COOKIECONSENT_POLICY_DATE": "2026-11-23",
    "COOKIECONSENT_BASE_TEMPLATE": "layout.html",
    "COOKIECONSENT_APP_SCOPE": "App",
}


def instance_folder(config: Mapping[str, Any]) -> str | None:
    """Return the folder for the database and the key where one was named; `None` means the usual place."""
    named = config.get("INSTANCE_PATH") or os.environ.get("ECOM_INSTANCE_PATH")
    return str(Path(named).resolve()) if named else None


def configure(app: Flask, config: Mapping[str, Any]) -> None:
    """Fill an app's configuration: the defaults, then `FLASK_…` from the environment, then what the caller says."""
    app.config.from_mapping(DEFAULTS)
    app.config.from_prefixed_env()
    app.config.from_mapping(config)
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or kept_key(Path(app.instance_path))


def kept_key(folder: Path) -> str:
    """Return the key of an instance folder, made the first time; several processes agree on one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secret_key"
    if not path.exists():
        draft = folder / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        # A link appears as a whole or not at all, and the first one wins.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()
