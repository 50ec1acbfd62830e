"""HTTP error handlers: error pages in the layout of the site."""

from __future__ import annotations

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response


def init_app(app: Flask) -> None:
    """Show an app's errors as pages of the site."""
    app.register_error_handler(HTTPException, show_error)


def show_error(error: HTTPException) -> Response | tuple[str, int] | HTTPException:
    """Render an error as a page; one that brings an answer of its own keeps it."""
    if error.response is not None or error.code is None:
        return error
    return render_template("error.html", code=error.code), error.code
