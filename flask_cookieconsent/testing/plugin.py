"""Plugin of pytest, which loads it in every run by its entry point; so it imports nothing before it is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .auditing import ConsentAudit


@pytest.fixture(scope="session")
def consent_audit(pytestconfig: pytest.Config) -> ConsentAudit:
    """Audit a site: `consent_audit(app)` fails where it sets a cookie or contacts a host that it does not declare."""
    from .auditing import ConsentAudit

    return ConsentAudit(pytestconfig.rootpath)
