"""The limit on the body of one request."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask, request

from flask_cookieconsent.http.body import is_too_long, limit_body

FORM = "application/x-www-form-urlencoded"


def read(body: bytes, limit: int, *, announced: bool = True) -> tuple[int, bytes]:
    """Return the status and what a limited view read of a body, with a Content-Length or in chunks."""

    def view() -> bytes:
        limit_body(limit)
        return request.get_data()

    return sent(body, view, announced=announced)


def sent(body: bytes, view: Callable[[], bytes], *, announced: bool) -> tuple[int, bytes]:
    """Return the status and the answer of a view that is sent a body, with a Content-Length or in chunks."""
    app = Flask(__name__)
    app.add_url_rule("/", view_func=view, methods=["POST"])
    length = {"CONTENT_LENGTH": str(len(body))} if announced else {"wsgi.input_terminated": True}
    environ = {"wsgi.input": BytesIO(body), "CONTENT_TYPE": FORM, **length}
    response = app.test_client().post("/", environ_overrides=environ)
    return response.status_code, response.data


@pytest.mark.parametrize("announced", [True, False])
def test_body_within_the_limit_is_read(announced: bool) -> None:
    assert read(b"a=1", 3, announced=announced) == (200, b"a=1")


def test_body_beyond_the_limit_is_the_bad_twin() -> None:
    """One byte more is refused, or cut where its length was not announced."""
    assert read(b"a=12", 3)[0] == 413
    assert read(b"a=12", 3, announced=False) == (200, b"a=1")


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("body", "found"), [(b"a=1", b"1"), (b"a=12", b"too long")])
def test_form_is_whole_or_too_long(body: bytes, found: bytes, announced: bool) -> None:
    """A form within the limit is read as a whole, and one byte more is told, with a Content-Length or in chunks."""

    def view() -> bytes:
        return b"too long" if is_too_long(3) else request.form["a"].encode()

    assert sent(body, view, announced=announced) == (200, found)
