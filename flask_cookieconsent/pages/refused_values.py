"""What becomes of a value that `embed()` cannot take: an exception for whoever builds the site, a line in its log."""

from __future__ import annotations

import logging

from flask import Flask, has_request_context, request

from flask_cookieconsent.errors import EmbedError
from flask_cookieconsent.http.once import Once

logger = logging.getLogger("flask_cookieconsent")

# A service's own message quotes an address of 2,000 characters, and has its remedy behind it.
_LONGEST_MESSAGE = 2_500


class RefusedValues:
    """The values that `embed()` refused in one app: each is raised while it is debugged or tested, else told once.

    The rule: what a *value* can cause is never an error of the page in production, because an editor may have written
    it, or have chosen it before the declaration changed. That is the address or reference, the name of a service beside
    it, an empty title, and a poster from another host. A *missing argument* is the developer's own and always raises
    (`TypeError`), and so does what the developer's own code raises: a parser, a lazy string, `StrictUndefined`.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._once = Once()

    def tell(self, error: EmbedError) -> None:
        """Raise an error in debug mode and in tests; else log it, at most once for one value.

        :raises EmbedError: the same one, while the app is debugged or tested.
        """
        if self._app.debug or self._app.testing:
            raise error
        # On one line, whoever wrote what it quotes.
        message = " ".join(str(error).split())[:_LONGEST_MESSAGE]
        if self._once.is_new(message):
            where = request.path if has_request_context() else "a template outside a request"
            logger.warning("embed() in %.200r is not shown as it should be: %s", where, message)
