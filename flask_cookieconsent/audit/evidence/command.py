"""The command `flask cookieconsent evidence`."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("evidence")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="A new folder, or an empty one.")
@click.option("--since", type=_DAY, help="The first day of the records; the first of all unless it is given.")
@click.option("--until", type=_DAY, help="The last day of the records.")
@click.option("--head", "heads", multiple=True, help="What `seal` has printed, to be found again; may be repeated.")
@click.option("--scope", "scopes", multiple=True, help="The name of another site that shares the log; may be repeated.")
@with_appcontext
def evidence(
    out: Path, since: datetime | None, until: datetime | None, heads: tuple[str, ...], scopes: tuple[str, ...]
) -> None:
    """Write proof for an authority into one folder, which reads without the site; exit status 1 for a changed log."""
    # Imported here: it needs a parser of HTML, and the log.
    from .write import Period, write_evidence

    if since and until and until < since:
        raise click.ClickException(
            f"--until: found {until:%Y-%m-%d}, wanted --since, {since:%Y-%m-%d}, or a day after it"
        )
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    outcome = write_evidence(app, out, Period(since=_day(since), until=_day(until), heads=heads, scopes=scopes))
    click.echo(f"Written to {out}: open its index.html. Records: {outcome.records}.")
    click.echo(f"Mistakes in the log: {outcome.mistakes}; errors of the audit: {outcome.errors}.")
    if outcome.mistakes:
        raise click.exceptions.Exit(1)


def _day(moment: datetime | None) -> date | None:
    return moment and moment.date()
