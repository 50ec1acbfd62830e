"""What every test needs: catalogs that are as new as their sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

CATALOGS = sorted(Path(__file__).parents[1].glob("translations/*/LC_MESSAGES/flask_cookieconsent.po"))


@pytest.fixture(scope="session", autouse=True)
def compiled_catalogs() -> None:
    """Compile the catalogs of a checkout; an editable install does not do it again after an edit."""
    for path in CATALOGS:
        with path.open("rb") as source, path.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source, locale=path.parts[-3]))
