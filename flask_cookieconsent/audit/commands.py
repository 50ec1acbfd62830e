"""The command `flask cookieconsent audit`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from .report import Report


@click.command("audit")
@click.option("--path", "paths", multiple=True, help="One more path to look at, such as /shop/7; may be repeated.")
@click.option("--skip", "skip", multiple=True, help="Paths that begin with this are left out; may be repeated.")
@with_appcontext
def audit(paths: tuple[str, ...], skip: tuple[str, ...]) -> None:
    """Compare what the site does with what it declares, as four visitors; exit status 1 for an error."""
    # Imported here: it needs a parser of HTML, which sites without stored content do without.
    from .report import audit as run
    from .walk import Wishes

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    report = run(app, Wishes(paths=paths, skip=skip))
    click.echo(_table(report))
    if report.errors:
        raise click.exceptions.Exit(1)


def _table(report: Report) -> str:
    lines = []
    for finding in report.findings:
        lines.append(f"{finding.level}: {finding.rule}: {finding.subject}: {finding.says}")
        lines += [f"    {place.route} ({place.visitor}) {place.element}" for place in finding.places[:3]]
        lines += [f"    > {line}" for line in finding.remedy]
    lines.append(f"{len(report.findings)} findings; {report.requests} requests, {report.routes} routes")
    lines += [f"not looked at: {route}: {why}" for route, why in report.not_reached]
    return "\n".join(lines)
