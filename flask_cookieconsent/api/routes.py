"""URL routes of the JSON interface, below `/cookies/api`: every address and method, and problems for all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request

from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.pages.blueprint import Routes
from flask_cookieconsent.pages.renderer import Renderer

from .choice import ChoiceViews
from .problems import problem

View = Callable[..., Any]

#: All that HTTP knows and a client may send (RFC 9110, section 9; RFC 5789): each gets an answer in JSON.
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def add_interface(routes: Routes, renderer: Renderer) -> None:
    """Register the interface of one app.

    Its addresses are the same in every language: what is read is in the language that the request names.
    """
    choice = ChoiceViews(renderer)
    views: Mapping[str, tuple[str, Mapping[str, View]]] = {
        "/choice": ("api_choice", {"GET": choice.read, "POST": choice.choose}),
        "/choice/receipt": ("api_receipt", {"DELETE": choice.erase}),
        "/<path:unknown>": ("api_unknown", {}),
    }
    for rule, (endpoint, methods) in views.items():
        view = _answering(methods)
        routes.add("/api" + rule, endpoint, view, methods=_METHODS, provide_automatic_options=False)


def _answering(methods: Mapping[str, View]) -> View:
    """Return the view of one address: what each method does, and a problem for every other one."""

    def answer(**values: Any) -> Any:
        method = "GET" if request.method == "HEAD" else request.method
        view = methods.get(method)
        if view is not None:
            return view(**values)
        return _not_allowed(methods) if methods else problem(Problem.NOT_FOUND)

    return answer


def _not_allowed(methods: Mapping[str, View]) -> Response:
    """Return 405 with the methods that the address knows (RFC 9110, section 15.5.6)."""
    response = problem(Problem.WRONG_METHOD)
    response.headers["Allow"] = ", ".join(methods)
    return response
