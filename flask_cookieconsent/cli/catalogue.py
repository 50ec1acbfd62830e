"""Commands that look into the catalogue of services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from flask_cookieconsent.state import get_state

if TYPE_CHECKING:  # an app without a database needs no SQLAlchemy
    pass


from .group import commands


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
