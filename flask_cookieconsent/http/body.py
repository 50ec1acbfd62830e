"""A maximum length for the body of one request, before anything reads it."""

from __future__ import annotations

from flask import request
from werkzeug.wsgi import LimitedStream


def limit_body(length: int) -> None:
    """Read no more than a number of bytes of the current request's body; whoever asks for more gets a 413.

    It does for one view what `MAX_CONTENT_LENGTH` does for an app. Since Flask 3.1 `request.max_content_length` does
    the same. A body without Content-Length is cut at the limit where all of it is read at once.

    :raises werkzeug.exceptions.RequestEntityTooLarge: later, when something reads beyond the limit.
    """
    request.environ["wsgi.input"] = LimitedStream(request.environ["wsgi.input"], length, is_max=True)
