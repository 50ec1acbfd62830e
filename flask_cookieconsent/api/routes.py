"""URL routes of the JSON interface, below `/cookies/api`: every address and method, and problems for all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from flask import Response, request

from flask_cookieconsent.choice.codes import Codes
from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.pages.blueprint import Routes
from flask_cookieconsent.pages.reading import reading
from flask_cookieconsent.pages.renderer import Renderer

from . import receipts
from .choice import ChoiceViews
from .cross_origin import options, share
from .description import Description
from .documents import Documents
from .handover import HandoverViews
from .problems import problem

View = Callable[..., Any]
Methods = Mapping[str, View]

#: All that HTTP knows and a client may send (RFC 9110, section 9; RFC 5789): each gets an answer in JSON.
_ALL_METHODS: Mapping[str, Any] = MappingProxyType(
    {
        "methods": ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "OPTIONS"),
        "provide_automatic_options": False,
    }
)


def interface(renderer: Renderer, codes: Codes) -> Mapping[str, tuple[str, Methods]]:
    """Return every address of the interface with its endpoint and, for each method, its view.

    `openapi.json` describes them all, and a test compares the two.
    """
    choice, documents, handover = ChoiceViews(renderer), Documents(renderer), HandoverViews(renderer, codes)
    return {
        "/openapi.json": ("api_description", {"GET": Description(renderer.state).show}),
        "/declaration": ("api_declaration", {"GET": documents.declaration}),
        "/notice": ("api_notice", {"GET": documents.notice}),
        "/choice": ("api_choice", {"GET": choice.read, "POST": choice.choose}),
        "/choice/receipt": ("api_receipt", {"GET": reading(problem, receipts.show), "DELETE": choice.erase}),
        "/handover": ("api_handover", {"POST": handover.give}),
        "/handover/back": ("api_handover_back", {"POST": handover.give_back}),
        "/exchange": ("api_exchange", {"POST": handover.exchange}),
    }


def add_interface(routes: Routes, renderer: Renderer, codes: Codes) -> None:
    """Register the interface of one app.

    Its addresses are the same in every language: what is read is in the language that the request names.
    """
    for rule, (endpoint, methods) in interface(renderer, codes).items():
        routes.add("/api" + rule, endpoint, _answering(renderer, methods), **_ALL_METHODS)
    nothing = _answering(renderer, {})
    routes.add("/api/", "api", nothing, strict_slashes=False, **_ALL_METHODS)
    routes.add("/api/<path:unknown>", "api_unknown", nothing, **_ALL_METHODS)
    handover = HandoverViews(renderer, codes)
    # No program reads what it answers: a web view opens it.
    routes.add("/handover", "handover", handover.open, methods=["POST"])
    routes.add("/handover", "handover_page", handover.not_opened)


def _answering(renderer: Renderer, methods: Methods) -> View:
    """Return the view of one address: what each method does, and a problem for every other one."""

    def answer(**values: Any) -> Response:
        return share(_answered(renderer, methods), renderer.state.settings)

    return answer


def _answered(renderer: Renderer, methods: Methods) -> Response:
    if not methods:
        return problem(Problem.NOT_FOUND)
    known = (*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS")
    if request.method == "OPTIONS":
        return options(known, renderer.state.settings)
    view = methods.get("GET" if request.method == "HEAD" else request.method)
    if view is not None:
        response: Response = view()
        return response
    # RFC 9110, section 15.5.6.
    response = problem(Problem.WRONG_METHOD)
    response.headers["Allow"] = ", ".join(known)
    return response
