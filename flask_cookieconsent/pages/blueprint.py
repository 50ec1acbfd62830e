"""Flask blueprint: every URL route of the extension."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, jsonify

from flask_cookieconsent.state import get_state

from .frames import FramePages
from .policy import ArchivePages
from .preferences import Pages
from .receipt import ReceiptPages
from .renderer import Renderer, get_renderer
from .report import ReportPages
from .resources import serve

# The day on which this statement was last changed here; a policy with a date of its own speaks for itself.
_GPC_SINCE = date(2026, 11, 23)


def create_blueprint(url_prefix: str, renderer: Renderer) -> Blueprint:
    """Create the blueprint of one app, with all its URL rules under *url_prefix*."""
    blueprint = Blueprint("cookieconsent", "flask_cookieconsent", url_prefix=url_prefix, template_folder="templates")
    blueprint.add_url_rule("/static/<filename>", "static", serve)
    blueprint.add_url_rule("/static/<digest>/<filename>", "static", serve)
    pages = Pages(renderer)
    blueprint.add_url_rule("/", "preferences", pages.preferences)
    archive = ArchivePages(renderer)
    blueprint.add_url_rule("/policy", "policy", archive.policy)
    blueprint.add_url_rule("/policy/<digest>", "policy_version", archive.version)
    blueprint.add_url_rule("/policy/<digest>/shown", "policy_shown", archive.shown)
    blueprint.add_url_rule("/choice", "choice", pages.choice, methods=["POST"])
    blueprint.add_url_rule("/choice", "choice_page", pages.choice_page)
    receipts = ReceiptPages(renderer)
    blueprint.add_url_rule("/choice/receipt", "receipt", receipts.show)
    blueprint.add_url_rule("/choice/receipt.json", "receipt_file", receipts.download)
    blueprint.add_url_rule("/choice/check", "receipt_check", receipts.check, methods=["GET", "POST"])
    report = ReportPages(renderer)
    blueprint.add_url_rule("/report", "report", report.show)
    blueprint.add_url_rule("/report.csv", "report_file", report.download)
    blueprint.add_url_rule("/state", "state", pages.state)
    blueprint.add_url_rule("/violations", "violations", pages.violations, methods=["POST"])
    frames = FramePages(renderer, pages)
    blueprint.add_url_rule("/frame/<service_id>", "frame", frames.frame, methods=["POST"])
    blueprint.add_url_rule("/embeds", "embeds", frames.embeds, methods=["POST"])
    return blueprint


def gpc_statement() -> Response:
    """Serve the GPC Support Resource, `/.well-known/gpc.json`: that the signal is heeded, and since when (G4)."""
    since = get_state().settings.policy_date or _GPC_SINCE
    return jsonify(gpc=True, lastUpdate=since.isoformat())


def own_pages() -> Pages:
    """Return the pages of the current app."""
    return Pages(get_renderer())
