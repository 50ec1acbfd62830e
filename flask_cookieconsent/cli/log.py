"""Commands of the log: tables, events, seals, statistics, notices, violations."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

import click
from flask import current_app

from flask_cookieconsent.audit.walking.routes import origin
from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import changes
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.log.interface import LoggerLog
from flask_cookieconsent.log.statistics import ratio
from flask_cookieconsent.pages.renderer import get_renderer
from flask_cookieconsent.state import get_state

if TYPE_CHECKING:  # an app without a database needs no SQLAlchemy
    from flask_cookieconsent.log.database import DatabaseLog
    from flask_cookieconsent.log.export import Format


from .group import commands


@commands.command("init-db")
def init_db() -> None:
    """Create the five tables of the log where they do not exist yet."""
    _database_log().create_tables()
    click.echo("The tables of events, notices, seals, daily counts and violations are there.")


@commands.command("doctor")
def doctor() -> None:
    """Say whether the log is healthy: database, tables, seals, keys, spool; exit status 1 where there is a problem."""
    log = get_state().log
    if isinstance(log, LoggerLog):
        click.echo("Events are lines of the logger flask_cookieconsent.events; there is no database to look at.")
        return
    problems = 0
    for finding in cast("DatabaseLog", log).health():
        click.echo(finding)
        problems += finding.is_problem
    if problems:
        raise click.exceptions.Exit(1)


@commands.command("partitions")
@click.option("--months", default=12, show_default=True, type=click.IntRange(1, 240), help="How many months.")
@click.option("--existing", is_flag=True, help="Turn the table that is there into a partitioned one.")
def partitions(months: int, existing: bool) -> None:
    """Print the SQL that keeps the events in a partition for each month, on PostgreSQL."""
    _database_log()
    from flask_cookieconsent.log.partitions import statements

    events = current_app.extensions["cookieconsent"].models.Event.__table__
    click.echo("\n".join(statements(events, get_state().today, months, existing=existing)))


@commands.command("events")
@click.option("--count", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
def events(count: int) -> None:
    """Show the latest events of the log, newest first."""
    for event in _database_log().newest(count):
        granted = ", ".join(id for id, answer in event.choices.items() if answer == "granted") or "nothing"
        how = f"{event.kind:<9}  {event.method:<11}  {event.scope}"
        click.echo(f"{event.time:%Y-%m-%d %H:%M}  {how}  granted: {granted}")


@commands.command("replay")
def replay() -> None:
    """Write the events that waited on disk to the database; exit status 1 where some are put aside."""
    log = _database_log()
    click.echo(f"Events that waited and are in the log now: {log.replay()}.")
    if log.put_aside:
        raise click.ClickException(f"{log.put_aside} events are put aside, see the lines of flask_cookieconsent.spool")


@commands.command("seal")
def seal() -> None:
    """Seal and count the finished days of the log; run it once a day."""
    log = _database_log()
    days = log.seal()
    click.echo(f"Sealed: {', '.join(map(str, days))}." if days else "Every finished day is sealed.")
    if log.head:
        click.echo(f"Head, to keep elsewhere: {log.head}")


@commands.command("verify")
@click.option("--whole", is_flag=True, help="Check every row, and not a bounded number of them.")
@click.option("--head", "heads", multiple=True, help="What `seal` has printed, to be found again; may be repeated.")
@click.option("--scope", "scopes", multiple=True, help="The name of another site that shares the log; may be repeated.")
def verify(whole: bool, heads: tuple[str, ...], scopes: tuple[str, ...]) -> None:
    """Check rows, counts and seals of the log; what is wrong is named, and the exit status is 1."""
    verification = _database_log().verify(whole=whole, heads=heads, scopes=scopes)
    for mistake in verification:
        click.echo(mistake)
    click.echo(verification.checked)
    if verification.checked.mistakes:
        raise click.exceptions.Exit(1)
    click.echo("What was checked is as it was written.")


@commands.command("purge")
@click.option("--again", is_flag=True, help="Look at days that were purged before, too: a backup was restored.")
def purge(again: bool) -> None:
    """Take out of the log what is older than the settings keep; daily counts stay."""
    click.echo(f"Events taken out of the log: {_database_log().purge(again=again)}.")


@commands.command("export")
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The first day.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day.")
@click.option("--kind", type=click.Choice([kind.value for kind in Kind]), help="Only events of one kind.")
def export(form: Format, since: datetime | None, until: datetime | None, kind: str | None) -> None:
    """Write the events of the log to the standard output, oldest first."""
    for line in _database_log().export(form, since=since, until=until, kind=Kind(kind) if kind else None):
        click.echo(line)


@commands.command("stats")
@click.option("--days", default=30, show_default=True, type=click.IntRange(1, 36_500), help="How many days back.")
@click.option("--scope", help="The name of one surface of this site, such as its app; all together unless it is given.")
def stats(days: int, scope: str | None) -> None:
    """Count the events of the weeks of the last days, and say how the log is: seals, verification, what waits."""
    state = get_state()
    today = state.today
    if scope is not None and scope not in state.log_scopes:
        raise click.BadParameter(f"found {scope!r}, wanted one of {', '.join(state.log_scopes)}", param_hint="--scope")
    report = _database_log().report(today - timedelta(days=days - 1), today, scope)
    summary, counters = report.summary, report.summary.total
    for heading in ("scope", "kind", "answer", "method", "locale", "policy_version", "signal"):
        for name, count in sorted(counters.get(heading, {}).items()):
            click.echo(f"{heading:<15} {name or '-':<16} {count}")
    for id, answered in counters["answered"].items():
        part = ratio(counters["allowed"][id], answered)
        text = "too few to tell" if part is None else f"{part:.0%} of {answered}"
        click.echo(f"{'allowed':<15} {id:<16} {text}")
    if not summary.is_whole:
        click.echo("Newer days are not counted yet: run `flask cookieconsent seal` once a day.")
    for name, value in report.condition.rows:
        click.echo(f"{'log':<15} {name:<16} {value}")


@commands.command("notices")
@click.argument("digest", required=False)
def notices(digest: str | None) -> None:
    """List the kept notices, or show one as visitors saw it."""
    log = _database_log()
    for version in log.notices():
        if digest is None:
            about = f"{version.locale:<6} version {version.policy_version}, first used {version.first_used}"
            click.echo(f"{version.digest}  {about}")
        elif version.digest.startswith(digest) and (kept := log.notice(version.digest)):
            click.echo(kept.notice.html)


@commands.command("diff")
@click.option("--locale", default="en", show_default=True, help="The language whose notices are compared.")
def diff(locale: str) -> None:
    """Say what has changed since the newest kept notice, and what would be asked again."""
    log = _database_log()
    versions = log.notices(locale)
    before = log.notice(versions[-1].digest) if versions else None
    if before is None:
        raise click.ClickException(f"no notice in {locale!r} is kept yet; there is nothing to compare with")
    kept = json.loads(before.notice.snapshot)
    with current_app.test_request_context(base_url=origin(current_app)):
        audience = get_visit().audience._replace(signed_in=kept.get("all_devices", False))
        now = get_renderer().notice(locale, audience)
    differences = changes(kept, json.loads(now.snapshot))
    for change in differences:
        click.echo(change)
    click.echo(f"{len(differences)} differences from the notice of {before.first_used}.")


@commands.command("violations")
def violations() -> None:
    """List what the Content-Security-Policy has blocked, by directive and host, the most frequent first."""
    for directive, host, count, day in _database_log().observed.violations():
        click.echo(f"{count:>8}  {directive:<16}  {host}  (last on {day:%Y-%m-%d})")


def _database_log() -> DatabaseLog:
    log = get_state().log
    if isinstance(log, LoggerLog):
        raise click.ClickException("this app has no database for events: pass CookieConsent(db=db) its SQLAlchemy")
    database_log = cast("DatabaseLog", log)
    database_log.reach()  # a database that hangs ends a command here
    return database_log
