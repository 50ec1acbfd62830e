"""View functions of the App: its shell, its manifest, its service worker and its lists."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, json, jsonify, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from demo_app.language import LANGUAGES

from .lists import lists
from .shell import shell_version

blueprint = Blueprint("mobile", __name__, url_prefix="/app", template_folder="templates", static_folder="static")

#: What the App itself does with consent; it asks about nothing else, unless it shares its choices with the Website.
SERVICES = ("app_screens", "youtube")

#: The film that explains reminders, as people would paste it.
FILM = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"

#: The colours of the window around the App, by day and by night; those of the top of its screens.
THEME, NIGHT_THEME = "#e3ebe4", "#12211d"

#: The files of the shell: those that the Website has too, and those of the App alone.
SITE_FILES = ("site.css", "mark.svg")
OWN_FILES = (
    *("app.css", "icons.svg", "icon-192.png"),
    *("main.js", "choices.js", "counter.js", "interface.js", "offline.js", "pieces.js", "privacy.js", "screens.js"),
)

_SIZES = (192, 512)


def init_app(app: Flask) -> None:
    """Register the App, and compute the version of its shell once, at start-up."""
    app.register_blueprint(blueprint)
    app.extensions["ecom.shell_version"] = shell_version(app)


@blueprint.after_request
def revalidate(response: Response) -> BaseResponse:
    """Let every copy be checked before it is used (`no-cache`), so that an update is whole; Flask does so for files."""
    if request.method not in ("GET", "HEAD") or response.status_code != 200 or response.direct_passthrough:
        return response
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)


@blueprint.get("/")
def shell() -> str:
    """Show the App's one page; it reads no cookie, so that it is the same for everybody."""
    return render_template(
        "mobile/shell.html",
        services=() if shares_choices() else SERVICES,
        is_shared=shares_choices(),
        film=FILM,
        theme=THEME,
        night_theme=NIGHT_THEME,
    )


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """Return the web app manifest (W3C), which makes the App installable."""
    language = str(get_locale())
    content: dict[str, Any] = {
        "id": url_for(".shell", lang=None),
        "name": _("Ecom: invoices and customers"),
        "short_name": "Ecom",
        "description": _("What is due, and whom to call about it. Works without a connection."),
        "lang": language,
        "dir": "ltr",
        "start_url": url_for(".shell", lang=None),
        "scope": url_for(".shell", lang=None),
        "display": "standalone",
        "theme_color": THEME,
        "background_color": "#f6f7f2",
        "categories": ["business", "finance"],
        "icons": [*_icons("any"), *_icons("maskable")],
        "shortcuts": [
            {"name": _("Invoices due"), "url": url_for(".shell", lang=None, _anchor="invoices")},
            {"name": _("Customers"), "url": url_for(".shell", lang=None, _anchor="customers")},
        ],
    }
    return Response(json.dumps(content), mimetype="application/manifest+json")


@blueprint.get("/worker.js")
def worker() -> Response:
    """Return the service worker; its first lines say which version of the shell it keeps, and what that is."""
    shell_page = url_for(".shell", lang=None)
    notice = url_for("cookieconsent.api_choice", lang=None).removesuffix("choice") + "notice"
    kept = {
        "VERSION": current_app.extensions["ecom.shell_version"],
        "SHELL": [shell_page, *(url_for(".shell", lang=each) for each in LANGUAGES)]
        + [url_for("static", filename=each) for each in SITE_FILES]
        + [url_for(".static", filename=each) for each in OWN_FILES],
        "LISTS": url_for(".records", lang=None),
        "NOTICES": [f"{notice}?lang={each}" for each in LANGUAGES],
    }
    head = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in kept.items())
    with blueprint.open_resource("static/worker.js", "rt", encoding="utf-8") as file:
        return Response(head + file.read(), mimetype="text/javascript")


@blueprint.get("/lists.json")
def records() -> Response:
    """Return what the two lists show. These people are invented; a real App would ask who is signed in."""
    return jsonify(lists())


def shares_choices() -> bool:
    """Tell whether the App has the choices of the Website, by `COOKIECONSENT_SHARED_SCOPES`, or its own.

    Its own by default: whoever answered on the Website did so for the Website, and was told of nothing else.
    """
    shared = current_app.config.get("COOKIECONSENT_SHARED_SCOPES") or ()
    return current_app.config["COOKIECONSENT_APP_SCOPE"] in shared


def _icons(purpose: str) -> list[dict[str, str]]:
    ending = "-maskable" if purpose == "maskable" else ""
    return [
        {
            "src": url_for(".static", filename=f"icon{ending}-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": purpose,
        }
        for size in _SIZES
    ]
