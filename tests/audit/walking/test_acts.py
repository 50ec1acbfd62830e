"""Which addresses are not asked for, because they may do something."""

from __future__ import annotations

import pytest

from flask_cookieconsent.audit.walking.acts import may_act
from flask_cookieconsent.audit.walking.routes import Address


@pytest.mark.parametrize(
    ("path", "route", "endpoint"),
    [
        ("/logout", "/logout", "auth.logout"),
        ("/log-out", "/log-out", "out"),
        ("/sign_out/", "/sign_out/", "out"),
        ("/post/7/delete", "/post/<int:id>/delete", "post"),
        ("/delete-account", "/delete-account", "account"),
        ("/follow/ann", "/follow/<name>", "follow"),
        ("/post/7/like", "/post/<int:id>/like", "like"),
        ("/cart?remove=7", "/cart", "cart"),
        ("/cart?action=delete", "/cart", "cart"),
        ("/post/7", "/post/<int:id>", "blog.delete_post"),
        ("/%6Cogout", "/logout", "out"),
    ],
)
def test_what_may_act(path: str, route: str, endpoint: str) -> None:
    assert may_act(Address("https://localhost", path, route, endpoint))


@pytest.mark.parametrize(
    ("path", "route", "endpoint"),
    [
        ("/followers", "/followers", "followers"),
        ("/likes-and-dislikes", "/likes-and-dislikes", "likes"),
        ("/download-area", "/download-area", "downloads"),
        ("/download", "/download", "download"),
        ("/checkout", "/checkout", "checkout"),
        ("/vote", "/vote", "vote"),
        ("/deleted-scenes/7", "/deleted-scenes/<int:id>", "scene"),
        ("/how-to-delete-cookies", "/how-to-delete-cookies", "help"),
        ("/tag/unlike-others", "/tag/<name>", "tag"),
        ("/login?next=/shop", "/login", "auth.login"),
        ("/search?q=cookies", "/search", "search"),
    ],
)
def test_what_only_reads(path: str, route: str, endpoint: str) -> None:
    """The bad twin: pages whose names have such a word in them."""
    assert not may_act(Address("https://localhost", path, route, endpoint))
