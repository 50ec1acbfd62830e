"""View functions that read the log: 503 with words while its database does not answer; other errors stay errors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from math import ceil
from typing import Any

from flask import Response, request

from flask_cookieconsent.choice.problems import Problem
from flask_cookieconsent.log.failures import explanation, hide_row, is_of_database
from flask_cookieconsent.state import get_state

logger = logging.getLogger("flask_cookieconsent.events")


def reading(answer: Callable[[Problem], Response], view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view that answers 503 where an error of the database leaves it, and raises every other.

    *answer* makes the response of a problem. The operator is told in one line without the row; whoever asked may come
    back after the breaker's pause.
    """

    @wraps(view)
    def guarded(**values: Any) -> Any:
        try:
            return view(**values)
        except Exception as error:
            if not is_of_database(error):
                raise
            hide_row(error)
            logger.error("page %s answered 503: %s", request.endpoint, explanation(error))
        # Outside of the error, so that nothing which fails here is told with what it says.
        response = answer(Problem.UNAVAILABLE)
        response.headers["Retry-After"] = str(max(1, ceil(get_state().settings.database_pause)))
        return response

    return guarded
