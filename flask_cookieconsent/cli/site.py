"""Commands of the site: its fair pages, its declaration, what one request may do, and a choice for a scanner."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask import current_app

from flask_cookieconsent.audit.judges.check import advice, audit, unfair_in
from flask_cookieconsent.audit.walking.routes import origin
from flask_cookieconsent.http.cookies import pairs_in
from flask_cookieconsent.http.explain import explain
from flask_cookieconsent.http.request import Visit
from flask_cookieconsent.i18n import language
from flask_cookieconsent.locales import site_locales
from flask_cookieconsent.pages.policy import regions_told, unnamed_controller
from flask_cookieconsent.state import get_state

if TYPE_CHECKING:  # an app without a database needs no SQLAlchemy
    pass


from .group import commands

#: In which form a choices cookie is printed.
_FORMS = ("header", "pair", "json", "netscape")


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
    for told in regions_told(state, words):
        click.echo(f"{told.term}: {told.places}")
    if not state.settings.controller:
        click.echo("Note: COOKIECONSENT_CONTROLLER is not set; the policy does not name who is responsible.")


@commands.command("explain")
@click.option("--cookie", default="", help="A `Cookie` header, or the value of the choices cookie alone.")
@click.option("--path", default="/", show_default=True, help="The path of the page.")
@click.option("--host", default="localhost", show_default=True, help="The host of the page.")
@click.option("--https/--http", default=True, show_default=True, help="How the visitor came.")
@click.option("--gpc", is_flag=True, help="With Global Privacy Control on.")
@click.option("--region", help="Where the visitor is, such as US-CA; unknown by default.")
def explain_request(cookie: str, path: str, host: str, https: bool, gpc: bool, region: str | None) -> None:
    """Say what one request may do and why: services, cookies, hosts."""
    state = get_state()
    name = state.choices_cookie.usual_name(host, secure=https)
    header = cookie if "=" in cookie else f"{name}={cookie}"
    environ = {"wsgi.url_scheme": "https" if https else "http", "HTTP_COOKIE": header, "HTTP_HOST": host}
    if region is not None:
        codes = region.split("-") if len(state.region_keys) > 1 else [region]
        environ |= dict(zip(state.region_keys, codes, strict=False))
    decision = Visit(state, environ | ({"HTTP_SEC_GPC": "1"} if gpc else {})).decision
    arrived = [name for name, _ in pairs_in(header)]
    explanation = explain(state.cookies, decision, arrived, host=host, path=path, secure=https)
    for service, allowed, reason in explanation.services:
        click.echo(f"{'yes' if allowed else 'no ':<4} {service}  {reason}")
    for title, names in explanation.lists:
        click.echo(f"{title}: {', '.join(names) or 'none'}")


@commands.command("cookie")
@click.option("--accept", "names", multiple=True, metavar="NAME", help="A service or a category, or `all`; repeatable.")
@click.option("--refuse", is_flag=True, help="Refuse everything.")
@click.option("--expired", is_flag=True, help="Chosen so long ago that visitors are asked again.")
@click.option("--gpc", is_flag=True, help="Chosen under Global Privacy Control, so that grants stand against it.")
@click.option("--host", help="The host of the site, with its port; that of the configuration by default.")
@click.option("--https/--http", default=True, show_default=True, help="How the visitor comes.")
@click.option("--format", "form", type=click.Choice(_FORMS), default="header", show_default=True)
@click.option("--without-debug", is_flag=True, help="Sign with the key of a site that is not in debug mode.")
def cookie(
    names: tuple[str, ...],
    refuse: bool,
    expired: bool,
    gpc: bool,
    host: str | None,
    https: bool,
    form: str,
    without_debug: bool,
) -> None:
    """Print the cookie of a visitor who has chosen, for tests and scanners; nothing is recorded."""
    if bool(names) == refuse:
        raise click.UsageError("wanted --accept with a service, a category or `all`, or --refuse, and not both")
    if not current_app.debug and not without_debug:
        raise click.ClickException(
            "the app is not in debug mode; wanted flask --debug cookieconsent cookie …, or --without-debug, which "
            "prints a cookie that counts where visitors come"
        )
    # Imported here: every app has this command, and hardly a process runs it.
    from flask_cookieconsent.audit.held import held_cookie
    from flask_cookieconsent.audit.visitors import services_named

    state = get_state()
    host = host or origin(current_app).partition("://")[2]
    if "/" in host:
        raise click.BadParameter(f"found {host!r}, wanted a host such as shop.example or localhost:5000")
    address = f"{'https' if https else 'http'}://{host}"
    held = held_cookie(state, address, services_named(state.registry, names), gpc=gpc, expired=expired)
    click.echo(getattr(held, form))


# What the command was called before it looked at pages.
commands.add_command(click.Command("check-templates", callback=check.callback, params=check.params, hidden=True))
