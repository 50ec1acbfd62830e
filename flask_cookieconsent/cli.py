"""Click commands of `flask cookieconsent …`: tables, declarations, log, notices, violations, debugging."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import click
from flask import current_app
from flask.cli import AppGroup

from flask_cookieconsent.audit.check import advice, audit, unfair_in
from flask_cookieconsent.audit.commands import audit as audit_command
from flask_cookieconsent.audit.routes import origin
from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import changes
from flask_cookieconsent.http.cookies import pairs_in
from flask_cookieconsent.http.explain import explain
from flask_cookieconsent.http.request import Visit
from flask_cookieconsent.log.failures import explanation, is_of_database
from flask_cookieconsent.log.interface import LoggerLog
from flask_cookieconsent.log.statistics import ratio
from flask_cookieconsent.pages.policy import unnamed_controller
from flask_cookieconsent.pages.renderer import get_renderer

from .errors import CookieConsentError
from .i18n import language
from .locales import site_locales
from .state import get_state

if TYPE_CHECKING:  # an app without a database needs no SQLAlchemy
    from flask_cookieconsent.log.database import DatabaseLog
    from flask_cookieconsent.log.export import Format


class _Commands(AppGroup):
    """Group of commands that say in one line what the trouble with a database or a disk is, as the log does."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # whoever read what `export` writes has read enough
            raise
        except Exception as error:
            if is_of_database(error):
                raise click.ClickException(explanation(error)) from error
            if isinstance(error, CookieConsentError | OSError):  # these say themselves what is wrong
                raise click.ClickException(str(error)) from error
            raise


#: The commands of every app; each asks the state of the current one.
commands = _Commands("cookieconsent", help="Cookie consent: what is declared, and what was chosen.")


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


@commands.command("check")
@click.option("--path", "paths", multiple=True, help="One more page to look at, such as /shop/7; may be repeated.")
def check(paths: tuple[str, ...]) -> None:
    """Check that the site's pages and templates offer a fair choice; what is wrong is named, exit status 1."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    state = get_state()
    locales = site_locales()
    mistakes = unnamed_controller(state)
    if state.registry.optional:
        with app.test_request_context(base_url=origin(app)):
            mistakes += [f"{locale}: {mistake}" for locale in locales for mistake in unfair_in(locale)]
    seen = audit(app, paths)
    for line in (*advice(app), *mistakes, *seen.mistakes):
        click.echo(line)
    if mistakes or seen.mistakes:
        raise click.exceptions.Exit(1)
    if state.registry.optional:
        click.echo(f"Refusing is as easy as accepting, and nothing is ticked beforehand: {', '.join(locales)}.")
    else:
        click.echo("Nothing optional is declared, so nothing is asked.")
    click.echo(f"Pages that were looked at, each with all that it needs: {seen.pages}.")


commands.add_command(audit_command)

# What the command was called before it looked at pages.
commands.add_command(click.Command("check-templates", callback=check.callback, params=check.params, hidden=True))


@commands.command("services")
def services() -> None:
    """List every declared service with its category, provider and cookies."""
    state, words = get_state(), language("en")
    for category in state.registry.categories:
        click.echo(f"{category.id}: {words.text(category.title)}")
        for service in state.registry.by_category[category.id]:
            provider = service.provider.name if service.provider else "this site"
            click.echo(f"  {service.id}  {provider}")
            for cookie in service.cookies:
                click.echo(f"    {cookie.name}  {words.duration(cookie.duration)}  {cookie.domain or 'this site'}")
    if not state.settings.controller:
        click.echo("Note: COOKIECONSENT_CONTROLLER is not set; the policy does not name who is responsible.")


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
def stats(days: int) -> None:
    """Count the events of the weeks of the last days, and say how the log is: seals, verification, what waits."""
    today = get_state().today
    report = _database_log().report(today - timedelta(days=days - 1), today)
    summary, counters = report.summary, report.summary.total
    for heading in ("kind", "answer", "method", "locale", "policy_version", "signal"):
        for name, count in sorted(counters[heading].items()):
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
    with current_app.test_request_context(base_url=origin(current_app)):
        now = get_renderer().notice(locale)
    differences = changes(json.loads(before.notice.snapshot), json.loads(now.snapshot))
    for change in differences:
        click.echo(change)
    click.echo(f"{len(differences)} differences from the notice of {before.first_used}.")


@commands.command("violations")
def violations() -> None:
    """List what the Content-Security-Policy has blocked, by directive and host, the most frequent first."""
    for directive, host, count, day in _database_log().violations():
        click.echo(f"{count:>8}  {directive:<16}  {host}  (last on {day:%Y-%m-%d})")


@commands.command("new-service")
@click.argument("file", default="-")
def new_service(file: str) -> None:
    """Print the line of the catalogue for an embed code or a script, or the skeleton of a declaration of it."""
    from flask_cookieconsent.catalogue import commands as of_catalogue

    of_catalogue.new_service(file, get_state().today)


@commands.command("import-services")
@click.argument("file")
@click.option("--out", help="The folder that skeletons are written to, instead of the standard output.")
def import_services(file: str, out: str | None) -> None:
    """Check declarations of services, or turn those of another consent tool into ours; exit status 1 for a mistake."""
    from flask_cookieconsent.catalogue import commands as of_catalogue

    of_catalogue.import_services(file, out, get_state().today)


@commands.command("explain")
@click.option("--cookie", default="", help="A `Cookie` header, or the value of the choices cookie alone.")
@click.option("--path", default="/", show_default=True, help="The path of the page.")
@click.option("--host", default="localhost", show_default=True, help="The host of the page.")
@click.option("--https/--http", default=True, show_default=True, help="How the visitor came.")
@click.option("--gpc", is_flag=True, help="With Global Privacy Control on.")
def explain_request(cookie: str, path: str, host: str, https: bool, gpc: bool) -> None:
    """Say what one request may do and why: services, cookies, hosts."""
    state = get_state()
    name = state.choices_cookie.usual_name(host, secure=https)
    header = cookie if "=" in cookie else f"{name}={cookie}"
    environ = {"wsgi.url_scheme": "https" if https else "http", "HTTP_COOKIE": header, "HTTP_HOST": host}
    decision = Visit(state, environ | ({"HTTP_SEC_GPC": "1"} if gpc else {})).decision
    arrived = [name for name, _ in pairs_in(header)]
    explanation = explain(state.cookies, decision, arrived, host=host, path=path, secure=https)
    for service, allowed, reason in explanation.services:
        click.echo(f"{'yes' if allowed else 'no ':<4} {service}  {reason}")
    for title, names in explanation.lists:
        click.echo(f"{title}: {', '.join(names) or 'none'}")


def _database_log() -> DatabaseLog:
    log = get_state().log
    if isinstance(log, LoggerLog):
        raise click.ClickException("this app has no database for events: pass CookieConsent(db=db) its SQLAlchemy")
    database_log = cast("DatabaseLog", log)
    database_log.reach()  # a database that hangs ends a command here
    return database_log
