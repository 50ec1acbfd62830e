"""The command line: `flask cookieconsent …`."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import cast

import click
from flask import current_app
from flask.cli import AppGroup
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import Change, changes
from flask_cookieconsent.http.cookies import pairs_in
from flask_cookieconsent.http.explain import explain
from flask_cookieconsent.http.request import Visit, cookie_name
from flask_cookieconsent.log.daily_counts import count_days, summary
from flask_cookieconsent.log.database import DatabaseRecorder, latest, notices
from flask_cookieconsent.log.export import export
from flask_cookieconsent.log.models import create_tables
from flask_cookieconsent.log.retention import purge
from flask_cookieconsent.log.seals import seal, verify
from flask_cookieconsent.log.statistics import SMALLEST_GROUP, share, told
from flask_cookieconsent.log.violations import counted
from flask_cookieconsent.pages.fairness import unfair
from flask_cookieconsent.pages.renderer import get_renderer

from .i18n import language, site_locales
from .state import get_state

_KINDS = [*(each.value for each in Kind), "erased"]
_FEW = f"fewer than {SMALLEST_GROUP}, or kept back with them"


def create_commands(db: SQLAlchemy | None) -> AppGroup:
    """Return the commands of one app; those that read the log need its database."""
    group = AppGroup("cookieconsent", help="Cookie consent: what is declared, and what was chosen.")

    @group.command("init-db")
    def init_db() -> None:
        """Create the tables of the log and of violations where they do not exist yet."""
        create_tables(_needed(db))
        click.echo("The tables of consent events and of violations are there.")

    @group.command("check")
    def check() -> None:
        """Check that the site's own templates offer a fair choice; what is wrong is named, and the exit status is 1."""
        if not get_state().registry.optional:
            click.echo("Nothing optional is declared, so nothing is asked.")
            return
        is_fair = True
        with current_app.test_request_context():
            locales = site_locales()
            for locale in locales:
                for mistake in unfair(*get_renderer().shown(locale)):
                    is_fair = False
                    click.echo(f"{locale}: {mistake}")
        if not is_fair:
            raise click.exceptions.Exit(1)
        click.echo(f"Refusing is as easy as accepting, and nothing is ticked beforehand: {', '.join(locales)}.")

    @group.command("services")
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

    @group.command("events")
    @click.option("--count", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
    def events(count: int) -> None:
        """Show the latest events of the log, newest first."""
        for event in latest(_needed(db), count):
            granted = ", ".join(each for each, answer in event.choices.items() if answer == "granted") or "nothing"
            how = f"{event.kind:<9}  {event.method:<11}  {event.scope}"
            click.echo(f"{event.time:%Y-%m-%d %H:%M}  {how}  granted: {granted}")

    @group.command("replay")
    def replay() -> None:
        """Write the events that waited on disk to the database."""
        recorder = get_state().record
        if not isinstance(recorder, DatabaseRecorder):
            _needed(None)
        total = 0
        while count := cast(DatabaseRecorder, recorder).replay(1_000):
            total += count
        click.echo(f"Events that waited and are in the log now: {total}.")

    @group.command("seal")
    def seal_() -> None:
        """Seal and count the finished days of the log; run it once a day."""
        state = get_state()
        days = seal(_needed(db), state.log_keys[0], state.clock())
        count_days(_needed(db), state.registry.optional_by_category, state.clock())
        click.echo(f"Sealed: {', '.join(map(str, days))}." if days else "Every finished day is sealed.")

    @group.command("verify")
    def verify_() -> None:
        """Check every row and seal of the log; what is wrong is named, and the exit status is 1."""
        is_whole = True
        for mistake in verify(_needed(db), get_state().log_keys):
            is_whole = False
            click.echo(mistake)
        if not is_whole:
            raise click.exceptions.Exit(1)
        click.echo("The log is as it was written.")

    @group.command("purge")
    def purge_() -> None:
        """Take out of the log what is older than the settings keep; daily counts stay."""
        state = get_state()
        keep = state.settings.grant_retention, state.settings.refusal_retention
        count = purge(
            _needed(db),
            state.log_keys,
            state.registry.optional_by_category,
            state.clock(),
            grants=keep[0],
            refusals=keep[1],
        )
        click.echo(f"Events taken out of the log: {count}.")

    @group.command("export")
    @click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
    @click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The first day.")
    @click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day.")
    @click.option("--kind", type=click.Choice(_KINDS), help="Only events of one kind.")
    def export_(form: str, since: datetime | None, until: datetime | None, kind: str | None) -> None:
        """Write the events of the log to the standard output, oldest first."""
        for line in export(_needed(db), form, since=since, until=until, kind=kind):
            click.echo(line)

    @group.command("stats")
    @click.option("--days", default=30, show_default=True, type=click.IntRange(1, 36_500), help="How many days back.")
    def stats(days: int) -> None:
        """Count the events of the last days: kinds, methods, languages, and what was allowed."""
        state = get_state()
        since = state.today - timedelta(days=days - 1)
        found = summary(_needed(db), state.registry.optional_by_category, state.scope, since, state.today)
        counters = found.total
        for heading in ("kind", "answer", "method", "locale", "policy_version", "signal"):
            for name, count in sorted(told(counters[heading]).items()):
                click.echo(f"{heading:<15} {name or '-':<16} {_FEW if count is None else count}")
        for id, answered in counters["answered"].items():
            part = share(counters["allowed"][id], answered)
            text = "too few to tell" if part is None else f"{part:.0%} of {answered}"
            click.echo(f"{'allowed':<15} {id:<16} {text}")
        if not found.is_whole:
            click.echo("Newer days are not counted yet: run `flask cookieconsent seal` once a day.")

    @group.command("notices")
    @click.argument("digest", required=False)
    def notices_(digest: str | None) -> None:
        """List the kept notices, or show one as visitors saw it."""
        for each in notices(_needed(db)):
            notice = each.notice
            if digest is None:
                about = f"{notice.locale:<6} version {notice.policy_version}, first used {each.first_used}"
                click.echo(f"{notice.digest}  {about}")
            elif notice.digest.startswith(digest):
                click.echo(notice.html)

    @group.command("diff")
    @click.option("--locale", default="en", show_default=True, help="The language whose notices are compared.")
    def diff(locale: str) -> None:
        """Say what has changed since the newest kept notice, and what would be asked again."""
        kept = [each for each in notices(_needed(db)) if each.notice.locale == locale]
        if not kept:
            raise click.ClickException(f"no notice in {locale!r} is kept yet; there is nothing to compare with")
        with current_app.test_request_context():
            now = get_renderer().notice(locale)
        found = changes(json.loads(kept[-1].notice.snapshot), json.loads(now.snapshot))
        for change in found:
            click.echo(_sentence(change))
        click.echo(f"{len(found)} differences from the notice of {kept[-1].first_used}.")

    @group.command("violations")
    def violations() -> None:
        """List what the policy has blocked, by directive and host, the most frequent first."""
        for directive, host, count, day in counted(_needed(db)):
            click.echo(f"{count:>8}  {directive:<16}  {host}  (last on {day:%Y-%m-%d})")

    @group.command("explain")
    @click.option("--cookie", default="", help="A `Cookie` header, or the value of the choices cookie alone.")
    @click.option("--path", default="/", show_default=True, help="The path of the page.")
    @click.option("--host", default="localhost", show_default=True, help="The host of the page.")
    @click.option("--https/--http", default=True, show_default=True, help="How the visitor came.")
    @click.option("--gpc", is_flag=True, help="With Global Privacy Control on.")
    def explain_(cookie: str, path: str, host: str, https: bool, gpc: bool) -> None:
        """Say what one request may do and why: services, cookies, hosts."""
        state = get_state()
        header = cookie if "=" in cookie else f"{cookie_name(state.settings, secure=https)}={cookie}"
        environ = {"wsgi.url_scheme": "https" if https else "http", "HTTP_COOKIE": header}
        decision = Visit(state, environ | ({"HTTP_SEC_GPC": "1"} if gpc else {})).decision
        arrived = [name for name, _ in pairs_in(header)]
        found = explain(state.cookies, decision, arrived, host=host, path=path, secure=https)
        for service, allowed, reason in found.services:
            click.echo(f"{'yes' if allowed else 'no ':<4} {service}  {reason}")
        for title, names in found.lists:
            click.echo(f"{title}: {', '.join(names) or 'none'}")

    return group


def _sentence(change: Change) -> str:
    about = f"{change.service}: " if change.service else ""
    match change.what:
        case "policy":
            return "a new version of the policy: whoever granted something is asked again about all of it"
        case "new":
            return f"{about}new, everybody is asked about it"
        case "gone":
            return f"{about}gone, nobody is asked"
        case "material":
            return f"{about}{', '.join(change.fields)} changed: whoever granted it is asked again, who refused is not"
    return f"{about}wording changed, nobody is asked again"


def _needed(db: SQLAlchemy | None) -> SQLAlchemy:
    if db is None:
        raise click.ClickException("this app has no database for events: pass CookieConsent(db=db) its SQLAlchemy")
    return db
