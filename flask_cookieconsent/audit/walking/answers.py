"""What a walk brings home: one answer for each address and visitor, and what was not looked at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from flask_cookieconsent.audit.visitors import Visitor
from flask_cookieconsent.http.headers import PAGES
from flask_cookieconsent.http.request import TooLong
from flask_cookieconsent.state import State

from .page import Page, read_page
from .routes import ERROR_PAGE, Address

#: A client that is signed in by the site's own code.
SignIn = Callable[[FlaskClient], Any]


@dataclass(frozen=True)
class Answer:
    """What one visitor got for one address; `error` says why there is none."""

    visitor: Visitor
    address: Address
    method: str
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    mimetype: str = ""
    templates: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    too_long: tuple[TooLong, ...] = ()
    #: `Set-Cookie` values that the extension itself has written.
    written: frozenset[str] = frozenset()
    #: What a cache of the site gave to this visitor although it was made for another.
    kept: str = ""
    error: str = ""

    @property
    def is_page(self) -> bool:
        """Whether it is a document of HTML."""
        return self.mimetype in PAGES and bool(self.body)

    @property
    def is_error_page(self) -> bool:
        """Whether it is what an error handler of the app answers, asked for on purpose."""
        return self.address.endpoint == ERROR_PAGE

    def page(self, own: Collection[str]) -> Page:
        """Return what its HTML says; *own* are the hosts of the site."""
        return read_page(self.body, frozenset(own))

    def all(self, name: str) -> list[str]:
        """Return the values of a header."""
        return [value for each, value in self.headers if each.lower() == name]


@dataclass(frozen=True)
class Walk:
    """All answers, and what was not looked at: each route or path with the reason."""

    app: Flask
    state: State
    own: frozenset[str]
    visitors: tuple[Visitor, ...]
    answers: tuple[Answer, ...]
    not_reached: tuple[tuple[str, str], ...]
    #: Origin and path of what a cache is told to keep, and says something else to each visitor whenever they ask.
    differing: frozenset[tuple[str, str]] = frozenset()

    @property
    def pages(self) -> Iterator[Answer]:
        """The answers that are documents."""
        return (answer for answer in self.answers if answer.is_page and answer.method == "GET")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the owner wants looked at: further paths, those to leave out, and how to sign in.

    `sign_in` is called with a test client once for each visitor, before anything else is asked for.
    """

    paths: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    sign_in: SignIn | None = None
