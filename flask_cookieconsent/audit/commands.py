"""The command `flask cookieconsent audit`."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from flask_cookieconsent.errors import CookieConsentError
from flask_cookieconsent.state import get_state

from . import FILE
from .formats import FORMATS, written


class _NotRun(click.ClickException):
    """What keeps an audit from being run; it is no finding, and has an exit status of its own."""

    exit_code = 2


@click.command("audit")
@click.option("--path", "paths", multiple=True, help="One more path to look at, such as /shop/7; may be repeated.")
@click.option("--skip", "skip", multiple=True, help="Paths that begin with this are left out; may be repeated.")
@click.option("--seen", is_flag=True, help="Look at what browsers told while the policy was report-only; no walk.")
@click.option("--sign-in", metavar="MODULE:FUNCTION", help="A function that signs a test client in.")
@click.option(
    "--config",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=f"The options file, instead of {FILE} in the current folder.",
)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="table", show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file for the report; the table is shown, too."
)
@click.option("--browser", is_flag=True, help="Look at the pages in Chromium too, which runs their scripts.")
@click.option("--live", is_flag=True, help="With --browser: really contact other hosts, which are stood in for else.")
@click.option("--chromium", metavar="PATH", help="With --browser: the Chromium to start.")
@click.option("--strict", is_flag=True, help="Warnings count for the exit status, too.")
@with_appcontext
def audit(
    paths: tuple[str, ...],
    skip: tuple[str, ...],
    seen: bool,
    sign_in: str | None,
    file: Path | None,
    form: str,
    out: Path | None,
    browser: bool,
    live: bool,
    chromium: str | None,
    strict: bool,
) -> None:
    """Compare what the site does with what it declares, as four visitors; exit status 1 for an error."""
    if out is not None and not out.absolute().parent.is_dir():
        raise click.BadParameter(f"found {str(out)!r}, wanted a file of a folder that is there", param_hint="--out")
    if seen and (browser or paths or skip or sign_in):
        raise click.UsageError("--seen takes no walk: found an option of one besides, wanted --seen alone")
    if (live or chromium) and not browser:
        raise click.UsageError(f"found {'--live' if live else '--chromium'} and no --browser, wanted both")
    # Imported here: every app has this command, and hardly a process runs it.
    from .formats.table import text as shown
    from .options import read_options
    from .output import echo, is_colourful, write_whole
    from .quiet import heard

    app = current_app._get_current_object()  # type: ignore[attr-defined]
    try:
        # Apart, because it needs a parser of HTML, which sites without stored content do without.
        from .browser.browse import browse
        from .report import audit as run
        from .report import finished
        from .seen import audit_seen

        options = read_options(file, get_state(app).today).with_more(paths, skip, sign_in or "")
        with heard() as lines:
            browses = partial(browse, live=live, chromium=chromium) if browser else None
            if seen:
                report = audit_seen(app, options.accepted)
            else:
                report = run(app, options.wishes(), options.accepted, browses)
            report = finished(report, lines, strict=strict)
        text = written(report, form)
        if out is not None:
            write_whole(out, text)
    except ModuleNotFoundError as error:
        if error.name != "justhtml":
            raise
        raise _NotRun('the audit needs a parser of HTML: pip install "Flask-CookieConsent[audit]"') from error
    except (CookieConsentError, OSError) as error:
        raise _NotRun(str(error)) from error
    if form == "table":
        echo(report.verdict if out is not None else shown(report, colours=is_colourful()))
    elif out is not None:
        echo(shown(report, colours=is_colourful()))
    else:
        echo(text)
        echo(report.verdict, err=True)
    if report.failing:
        raise click.exceptions.Exit(1)
