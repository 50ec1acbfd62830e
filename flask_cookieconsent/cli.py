"""The command line: `flask cookieconsent …`."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_sqlalchemy import SQLAlchemy

from .current import get_state
from .events import create_tables, latest
from .i18n import language


def create_commands(db: SQLAlchemy | None) -> AppGroup:
    """Return the commands of one app; those that read the log need its database."""
    group = AppGroup("cookieconsent", help="Cookie consent: what is declared, and what was chosen.")

    @group.command("init-db")
    def init_db() -> None:
        """Create the table of the log where it does not exist yet."""
        create_tables(_needed(db))
        click.echo("The table of consent events is there.")

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

    return group


def _needed(db: SQLAlchemy | None) -> SQLAlchemy:
    if db is None:
        raise click.ClickException("this app has no database for events: pass CookieConsent(db=db) its SQLAlchemy")
    return db
