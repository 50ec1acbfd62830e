"""Pages that caches share, behind real ones: one copy for everybody, and nothing of anybody in it (A8)."""

from __future__ import annotations

import http.client
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.kit.caches import NGINX, VARNISH, cached
from tests.kit.sites import fields_of, soup_of

APP = "tests.kit.shared_site:create_shared_app({})"
PRIVATE = APP.format("'private'")
PATHS = ("/film", "/words")

is_there = all(Path(each).exists() for each in (NGINX, VARNISH))
pytestmark = pytest.mark.skipif(
    not is_there, reason="no nginx or no Varnish on this machine; install both for this proof"
)


@dataclass
class Reader:
    """Somebody who reads through a cache, and keeps cookies."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    #: The names of the cookies that answers have set, by the path that was asked for.
    given: list[tuple[str, str]] = field(default_factory=list)

    def open(self, path: str, method: str = "GET", body: str | None = None) -> tuple[http.client.HTTPMessage, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        line = http.client.HTTPConnection("127.0.0.1", self.port)
        line.request(method, path, body=body, headers={name: value for name, value in headers.items() if value})
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        for value in answer.headers.get_all("Set-Cookie") or ():
            for name, morsel in SimpleCookie(value).items():
                self.cookies[name] = morsel.value
                self.given.append((path, name))
        return answer.headers, text

    def press(self, choice: str) -> None:
        """Press a button of the banner, as a browser without scripts would where it is shown."""
        form = soup_of(self.open("/words")[1]).select_one("#fcc-form")
        assert form is not None
        self.open("/cookies/choice?surface=banner", "POST", urlencode([*fields_of(form), ("choice", choice)]))
        assert "cookieconsent" in self.cookies


@pytest.fixture(params=["nginx", "varnish"])
def port(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    """The port of a cache in front of a site whose pages it may share."""
    with cached(request.param, APP.format(""), tmp_path) as running:
        yield running


def read_by_turns(port: int, rounds: int, paths: tuple[str, ...] = PATHS) -> tuple[dict[str, set[str]], list[Reader]]:
    """Let somebody who accepts, one who refuses and one who has not chosen read by turns; return what they got."""
    readers = [Reader(port), Reader(port), Reader(port)]
    readers[0].press("accept")
    readers[1].press("reject")
    for reader in readers:
        reader.given.clear()
    chance, texts = random.Random(1), {path: set[str]() for path in paths}
    for _ in range(rounds):
        path = chance.choice(paths)
        headers, text = chance.choice(readers).open(path)
        texts[path].add(text)
        assert headers["Set-Cookie"] is None
    return texts, readers


def test_one_copy_is_everybodys(port: int) -> None:
    """A8, B5: hundreds of requests of three visitors by turns, and one text of each page, octet by octet."""
    texts, readers = read_by_turns(port, 300)

    assert [len(found) for found in texts.values()] == [1, 1]
    assert [reader.given for reader in readers] == [[], [], []]
    assert "youtube-nocookie" not in "".join(text for found in texts.values() for text in found)
    headers, _ = readers[0].open("/film")
    assert headers["Cache-Control"] == "public, max-age=600" and headers["Vary"] is None


def test_each_is_answered_for_itself(port: int) -> None:
    """A8: what tells visitors apart passes through the cache, and is kept nowhere."""
    _, readers = read_by_turns(port, 3)

    answers = [reader.open("/cookies/state") for reader in readers]

    assert ['"granted"' in text for _, text in answers] == [True, False, False]
    assert {headers["Cache-Control"] for headers, _ in answers} == {"no-store"}


def test_page_that_asks_is_not_shared(port: int) -> None:
    """A8: a template that asks about the visitor makes its page private, whatever the app says of it."""
    texts, readers = read_by_turns(port, 30, ("/asks",))

    assert len(texts["/asks"]) == 30
    headers, _ = readers[0].open("/asks")
    assert "private" in headers["Cache-Control"] and "Cookie" in headers["Vary"]
    assert ["no films" in reader.open("/asks")[1] for reader in readers] == [False, True, True]


@pytest.mark.parametrize("kind", ["nginx", "varnish"])
def test_one_copy_twin(kind: str, tmp_path: Path) -> None:
    """A8: the same site without the setting has a page for each of them, and none is kept."""
    with cached(kind, PRIVATE, tmp_path) as port:
        texts, readers = read_by_turns(port, 30)
        headers, _ = readers[1].open("/film")

    assert sum(map(len, texts.values())) == 30
    assert "private" in headers["Cache-Control"] and "Cookie" in headers["Vary"]


def test_page_that_asks_twin(tmp_path: Path) -> None:
    """A8: a cache that is told to ignore what answers say gives one visitor's page to the next."""
    with cached("heedless nginx", APP.format(""), tmp_path) as port:
        _, readers = read_by_turns(port, 30, ("/asks",))
        shown = {"no films" in reader.open("/asks")[1] for reader in readers}

    assert len(shown) == 1
