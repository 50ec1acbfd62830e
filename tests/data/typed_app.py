"""Declarations of a site as mypy --strict reads them: right ones first, then one wrong one for each type.

Every wrong line ignores exactly its error, so a type that lets it through makes the ignore an unused one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from babel.support import LazyProxy
from flask_babel import lazy_gettext

from flask_cookieconsent import Cookie, Frame, Provider, Service, Tag, Widget


class LazyString:
    """The two methods of Flask-Babel's class, which has no types, as mypy would read them."""

    def __len__(self):  # type: ignore[no-untyped-def]
        return 0

    def __radd__(self, other):  # type: ignore[no-untyped-def]
        return other


counter = Service(
    id="counter",
    name=lazy_gettext("Counter"),
    description=LazyProxy(str, "It counts."),
    justification=LazyString(),
    category="a_category_of_our_own",
    purpose="audience_measurement",
    provider=Provider(name="Counter SA", country="BE", privacy_policy="https://counter.example/privacy"),
    cookies=[Cookie(name="_count", purpose="Counts.", duration=timedelta(days=1), storage="local")],
    hosts={"script-src": ["https://counter.example"], "img-src": ("https://counter.example",)},
    tag=Tag(src="https://counter.example/c.js", queue="counter", calls=[("start", 1), ["more"]]),
    parse=lambda text: Frame(src=text, link=text, kind="video", shape="wide"),
)


def wrong(tag: Any) -> None:
    Service(id="a", name=3, category="b", purpose="consent")  # type: ignore[arg-type]
    Service(id="a", name=b"a", category="b", purpose="consent")  # type: ignore[arg-type]
    Service(id="a", name=["a"], category="b", purpose="consent")  # type: ignore[arg-type]
    Service(id="a", name="a", category=3, purpose="consent")  # type: ignore[arg-type]
    Service(id="a", name="a", category="b", purpose="fun")  # type: ignore[arg-type]
    Service(id="a", name="a", category="b", purpose="consent", cookies=["a"])  # type: ignore[list-item]
    Cookie(name="a", purpose=None)  # type: ignore[arg-type]
    Cookie(name="a", purpose="a", storage="jar")  # type: ignore[arg-type]
    Frame(src="a", link="b", kind="film", shape="wide")  # type: ignore[arg-type]
    Widget(tag=tag, attributes={}, kind="video", shape="round")  # type: ignore[arg-type]
