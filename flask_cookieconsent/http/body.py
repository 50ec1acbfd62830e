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


def is_too_long(longest: int) -> bool:
    """Tell whether the body of the present request has more than *longest* bytes.

    What says its length is not read here, and nothing later reads beyond that. What says nothing is read now, cut at
    the limit, because half a form is another choice than the whole.
    """
    length = request.content_length
    if length is not None:
        return length > longest
    limit_body(longest + 1)
    return len(request.get_data(parse_form_data=False)) > longest
