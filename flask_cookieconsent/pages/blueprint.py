"""Flask blueprint: every URL route of the extension."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial, wraps
from itertools import product
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, has_request_context, jsonify, request

from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.settings import PREFIX, Settings
from flask_cookieconsent.state import get_state

from .frames import FramePages
from .policy import ArchivePages
from .preferences import Pages
from .reading import reading
from .receipt import ReceiptPages
from .renderer import Renderer, get_renderer
from .report import ReportPages
from .resources import OwnLoader, serve

# The day on which this statement was last changed here; a policy with a date of its own speaks for itself.
_GPC_SINCE = date(2026, 11, 23)


class Routes:
    """Registers every URL rule of one app, below its prefix, on each of its hosts and in each of its languages.

    An app that matches hosts or subdomains gets the rules on all of them, and one whose prefix has variables gets them
    with and without those, so that every page of the app leads to ours without leaving its own host and language.
    """

    def __init__(self, app: Flask, settings: Settings) -> None:
        self._blueprint = Blueprint("cookieconsent", "flask_cookieconsent")
        self._blueprint.jinja_loader = OwnLoader()
        self._settings = settings
        self._hosts: list[dict[str, Any]] = [{}]
        if app.url_map.host_matching:
            self._hosts = [{"host": f"<{_HOST}>"}]
        elif app.subdomain_matching:
            self._hosts.append({"subdomain": f"<{_SUBDOMAIN}>"})
        self._variables = {*settings.url_prefix.variables, *(_HOST, _SUBDOMAIN)[: 2 * (self._hosts != [{}])]}
        self._bare: dict[Callable[..., Any], Callable[..., Any]] = {}
        if self._variables:
            self._blueprint.url_defaults(self._keep)

    def add(self, rule: str, endpoint: str, view: Callable[..., Any], **options: Any) -> None:
        """Register a page below the prefix."""
        view = self._without_variables(view)
        for prefix in dict.fromkeys((self._settings.url_prefix, self._settings.url_prefix.fixed)):
            self._register(prefix + rule, endpoint, view, **options)

    def add_once(self, rule: str, endpoint: str, view: Callable[..., Any], **options: Any) -> None:
        """Register an address that nobody reads, which is the same in every language."""
        self._register(rule, endpoint, self._without_variables(view), **options)

    def _register(self, rule: str, endpoint: str, view: Callable[..., Any], **options: Any) -> None:
        for host in self._hosts:
            self._blueprint.add_url_rule(rule, endpoint, view, **options, **host)

    def _without_variables(self, view: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view that is not told the host, nor the variables of the prefix."""
        if not self._variables:
            return view

        @wraps(view)
        def bare(**values: Any) -> Any:
            return view(**{name: value for name, value in values.items() if name not in self._variables})

        # Rules of one endpoint have to have one view.
        return self._bare.setdefault(view, bare)

    def _keep(self, endpoint: str, values: dict[str, Any]) -> None:
        """Keep the host and the variables of the present page in addresses of ours (`Flask.url_defaults`)."""
        present: dict[str, Any] = {_HOST: current_app.config["SERVER_NAME"]}
        if has_request_context():
            present |= {name: g.get(name) for name in self._settings.url_prefix.variables}
            present |= request.view_args or {}
            if (adapter := current_app.create_url_adapter(request)) is not None:
                present |= {_HOST: adapter.server_name, _SUBDOMAIN: adapter.subdomain}
        for name in self._variables:
            if present.get(name) and name not in values and current_app.url_map.is_endpoint_expecting(endpoint, name):
                values[name] = present[name]

    @property
    def blueprint(self) -> Blueprint:
        """The blueprint that holds the rules."""
        return self._blueprint


# Names of variables that no site uses.
_HOST, _SUBDOMAIN = "fcc_host", "fcc_subdomain"


def create_routes(app: Flask, settings: Settings, renderer: Renderer) -> Routes:
    """Register the pages of one app; the blueprint of what is returned holds their rules."""
    routes = Routes(app, settings)
    fixed = settings.url_prefix.fixed
    routes.add_once(fixed + "/static/<filename>", "static", serve)
    routes.add_once(fixed + "/static/<digest>/<filename>", "static", serve)
    pages = Pages(renderer)
    reads = partial(reading, pages.problem)
    routes.add("/", "preferences", pages.preferences)
    archive = ArchivePages(renderer)
    routes.add("/policy", "policy", archive.policy)
    routes.add("/policy/<digest>", "policy_version", reads(archive.version))
    routes.add("/policy/<digest>/shown", "policy_shown", reads(archive.shown))
    routes.add("/choice", "choice", pages.choice, methods=["POST"])
    routes.add("/choice", "choice_page", pages.choice_page)
    receipts = ReceiptPages(renderer)
    routes.add("/choice/receipt", "receipt", reads(receipts.show))
    routes.add("/choice/receipt.json", "receipt_file", reads(receipts.download))
    routes.add("/choice/check", "receipt_check", receipts.check, methods=["GET", "POST"])
    report = ReportPages(renderer)
    routes.add("/report", "report", reads(report.show))
    routes.add("/report.csv", "report_file", reads(report.download))
    routes.add("/state", "state", pages.state)
    routes.add_once(fixed + "/violations", "violations", pages.violations, methods=["POST"])
    frames = FramePages(renderer, pages)
    methods = ["GET", "POST"] if settings.pages == "cacheable" else ["POST"]
    routes.add("/frame/<service_id>", "frame", frames.frame, methods=methods)
    routes.add("/embeds", "embeds", frames.embeds, methods=["POST"])
    if settings.gpc_statement:
        routes.add_once("/.well-known/gpc.json", "gpc", gpc_statement)
    return routes


def refuse_collisions(app: Flask, settings: Settings) -> None:
    """Refuse routes of the app below the prefix.

    :raises SetupError: if there is one.
    """
    for prefix, rule in product({settings.url_prefix, settings.url_prefix.fixed}, app.url_map.iter_rules()):
        under = rule.rule == prefix or rule.rule.startswith(prefix + "/")
        if under and not rule.endpoint.startswith("cookieconsent."):
            raise SetupError(
                f"route {rule.rule!r} (endpoint {rule.endpoint!r}) lies under the cookie pages; "
                f"move it, or set {PREFIX}URL_PREFIX to another path than {settings.url_prefix!r}"
            )


def gpc_statement() -> Response:
    """Serve the GPC Support Resource, `/.well-known/gpc.json`: that the signal is heeded, and since when (G4)."""
    since = get_state().settings.policy_date or _GPC_SINCE
    return jsonify(gpc=True, lastUpdate=since.isoformat())


def own_pages() -> Pages:
    """Return the pages of the current app."""
    return Pages(get_renderer())
