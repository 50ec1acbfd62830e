"""Lines to paste for what a finding names: the catalogue's factory where it is known, else a declaration with gaps."""

from __future__ import annotations

from dataclasses import replace

from flask_cookieconsent.catalogue.moving.known import by_cookie, call, catalogue

from .findings import Finding


def with_proposal(finding: Finding, host: str) -> Finding:
    """Return a finding with the lines that mend it, where it has none; *host* is the site's own."""
    if finding.remedy or finding.rule != "undeclared-cookie":
        return finding
    declared = catalogue()
    ids = by_cookie(finding.subject, host, declared)
    return replace(finding, remedy=tuple(call(id, declared[id]).code for id in ids))
