"""The Click group of `flask cookieconsent …`, and how its commands say what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from flask.cli import AppGroup

from flask_cookieconsent.errors import CookieConsentError
from flask_cookieconsent.log.failures import explanation, is_of_database

if TYPE_CHECKING:  # an app without a database needs no SQLAlchemy
    pass


class Commands(AppGroup):
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
commands = Commands("cookieconsent", help="Cookie consent: what is declared, and what was chosen.")
