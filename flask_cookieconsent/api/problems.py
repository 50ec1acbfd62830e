"""Error responses of the JSON interface as Problem Details (RFC 9457), `application/problem+json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response

from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.pages.resources import no_store

MEDIA_TYPE = "application/problem+json"

#: RFC 9457, section 3.1.1: what a program tells problems apart by; nobody has to be able to open it.
TYPE = "urn:flask-cookieconsent:problem:"


def problem(
    kind: Problem, mistakes: Iterable[str] = (), *, retry_after: int = 0, more: Mapping[str, Any] | None = None
) -> Response:
    """Return the answer to a request that was not carried out, in the language of the request.

    `type` ends in the problem's value, such as `stale`; *mistakes* say what is wrong with the request, for developers,
    each with the value that is wanted. *retry_after* is in seconds. *more* are members besides (section 3.2).
    """
    words = page_language()
    details: dict[str, Any] = dict(more or {})
    details |= {
        "type": TYPE + kind.value,
        "title": words.text(kind.heading),
        "status": kind.status,
        "detail": words.text(kind.explanation),
    }
    if errors := [{"detail": mistake} for mistake in mistakes]:
        details["errors"] = errors
    response = Response(json.dumps(details, ensure_ascii=False), kind.status, mimetype=MEDIA_TYPE)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return no_store(response)
