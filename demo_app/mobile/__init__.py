"""The App of Ecom below `/app/`: an installable web app (PWA) that shows what is due, without a connection too.

Its shell is the same for everybody, asks for no cookie, and decides through the JSON interface of the extension.
"""

from __future__ import annotations

from .views import blueprint, init_app

__all__ = ["blueprint", "init_app"]
