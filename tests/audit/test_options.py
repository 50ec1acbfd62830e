"""The options file of an audit, and what the command line says besides."""

from __future__ import annotations

import re
import sys
import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flask_cookieconsent.audit import FILE
from flask_cookieconsent.audit.options import Options, parse_options, read_options
from flask_cookieconsent.errors import OptionsError
from tests.kit.papers import DOCS, needs_pages
from tests.kit.reports import DAY, FOREIGN

TEXT = """
paths = ["/shop/7"]
skip = ["/admin"]
sign_in = "shop.audit:sign_in"
accepted = [
  { rule = "undeclared-host", subject = "cdn.example.com", until = 2027-03-01, reason = "our own CDN" },
  { rule = "stale-cookie", subject = "cart", route = "/shop", until = 2026-12-01, reason = "of a script" },
]
"""


@needs_pages
def test_example_of_the_pages() -> None:
    """What the page shows can be pasted."""
    (text,) = re.findall(r"^```toml\n(.*?)^```", (DOCS / "commands.md").read_text("utf-8"), re.M | re.S)
    options = parse_options(tomllib.loads(text), DAY)

    assert options.sign_in and options.paths and options.skip and len(options.accepted) == 2


def line_with(**more: Any) -> dict[str, Any]:
    return {"rule": "undeclared-host", "subject": FOREIGN, "until": DAY, "reason": "ours"} | more


def mistakes_in(given: dict[str, Any]) -> tuple[str, ...]:
    with pytest.raises(OptionsError) as raised:
        parse_options(given, DAY)
    return raised.value.mistakes


def test_file_of_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is read where it is there, and nothing is missed where it is not."""
    monkeypatch.chdir(tmp_path)
    assert read_options(None, DAY) == Options()
    Path(FILE).write_text(TEXT, "utf-8")

    options = read_options(None, DAY)

    assert (options.paths, options.skip, options.sign_in) == (("/shop/7",), ("/admin",), "shop.audit:sign_in")
    assert [(line.subject, line.route, line.until) for line in options.accepted] == [
        ("cdn.example.com", "", date(2027, 3, 1)),
        ("cart", "/shop", date(2026, 12, 1)),
    ]


def test_named_file_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none.toml"):
        read_options(tmp_path / "none.toml", DAY)


@pytest.mark.parametrize("data", [b"paths = [", b'paths = ["\xff"]', b"paths = []\npaths = []"])
def test_file_that_is_no_toml(data: bytes, tmp_path: Path) -> None:
    file = tmp_path / "audit.toml"
    file.write_bytes(data)

    with pytest.raises(OptionsError, match="audit.toml: found what is no TOML"):
        read_options(file, DAY)


def test_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Editors of Windows write one."""
    file = tmp_path / "audit.toml"
    file.write_bytes(b'\xef\xbb\xbfskip = ["/admin"]')

    assert read_options(file, DAY).skip == ("/admin",)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"path": []}, "path: no such key; did you mean paths?"),
        ({"colour": 1}, "colour: no such key"),
        ({"paths": "/shop"}, "paths: found '/shop', wanted paths of this site"),
        ({"paths": ["shop"]}, "paths: found 'shop', wanted paths of this site, each with a slash in front"),
        ({"skip": ["//example.com/"]}, "skip: found '//example.com/', wanted"),
        ({"skip": [7]}, "skip: found 7, wanted"),
        ({"sign_in": "shop.audit"}, "sign_in: found 'shop.audit', wanted a module and a function"),
        ({"sign_in": True}, "sign_in: found True, wanted"),
        ({"accepted": {}}, "accepted: found {}, wanted a list of lines"),
        ({"accepted": ["all"]}, "accepted, line 1: found 'all', wanted {rule"),
        ({"accepted": [{}]}, "accepted, line 1: reason: is missing"),
        ({"accepted": [line_with(ruel="x")]}, "accepted, line 1: ruel: no such key; did you mean rule?"),
        ({"accepted": [line_with(rule="undeclared-hosts")]}, "did you mean undeclared-host?"),
        ({"accepted": [line_with(rule="x")]}, "rule: found 'x', wanted a rule of the audit: contact-before-choice, "),
        ({"accepted": [line_with(rule=["x"])]}, "rule: found ['x'], wanted a text"),
        ({"accepted": [line_with(subject=7)]}, "subject: found 7, wanted a text"),
        ({"accepted": [line_with(reason=" ")]}, "reason: found ' ', wanted a text that is not empty"),
        ({"accepted": [line_with(route=1)]}, "route: found 1, wanted a text"),
        ({"accepted": [line_with(until="2027-03-01")]}, "until: found '2027-03-01', wanted a day of TOML, without"),
        ({"accepted": [line_with(until=datetime(2027, 3, 1))]}, "until: found 2027-03-01 00:00:00, wanted a day"),
        (
            {"accepted": [line_with(until=date(2028, 1, 1))]},
            "until: found 2028-01-01, wanted a day at most one year ahead, so 2027-11-24 or before",
        ),
    ],
)
def test_mistakes_say_what_is_wanted(given: dict[str, Any], told: str) -> None:
    assert told in "\n".join(mistakes_in(given))
    assert mistakes_in(given)[0].startswith(f"{FILE}: ")


def test_all_mistakes_are_told_together() -> None:
    lines = [line_with(), line_with(until=DAY + timedelta(days=367)), line_with(reason="")]

    assert len(mistakes_in({"paths": ["a", "b"], "accepted": lines})) == 4


def test_line_that_has_run_out_is_no_mistake() -> None:
    """A build fails by the finding that counts again, and says which."""
    assert len(parse_options({"accepted": [line_with(until=date(2020, 1, 1))]}, DAY).accepted) == 1


def test_command_line_adds() -> None:
    options = Options(paths=("/a",), skip=("/b",), sign_in="one:two").with_more(["/c", "/a"], ["/d"], "three:four")

    assert options == Options(paths=("/a", "/c"), skip=("/b", "/d"), sign_in="three:four")
    assert options.with_more() == options


def test_command_line_is_checked() -> None:
    with pytest.raises(OptionsError, match="--path: found 'shop', wanted") as raised:
        Options().with_more(["shop"], ["admin"], "nobody")
    assert len(raised.value.mistakes) == 3


SHOP = """
from __future__ import annotations
people = []
class Desk:
    pass
def sign_in(client):
    people.append(client)
def broken(client):
    raise AssertionError("no such user")
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module of a site."""
    (tmp_path / "shop_of_a_test.py").write_text(SHOP, "utf-8")
    (tmp_path / "broken_shop.py").write_text("1 / 0", "utf-8")
    (tmp_path / "ending_shop.py").write_text("raise SystemExit(0)", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in ("shop_of_a_test", "broken_shop", "ending_shop"):
        sys.modules.pop(name, None)


def test_sign_in_is_called_with_a_client(shop: None) -> None:
    wishes = Options(paths=("/a",), skip=("/b",), sign_in="shop_of_a_test:sign_in").wishes()
    client: Any = object()
    assert wishes.sign_in is not None

    wishes.sign_in(client)

    assert sys.modules["shop_of_a_test"].people == [client]
    assert (wishes.paths, wishes.skip) == (("/a",), ("/b",))
    assert Options().wishes().sign_in is None


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("no_such_shop:sign_in", "importing no_such_shop raises ModuleNotFoundError"),
        ("broken_shop:sign_in", "importing broken_shop raises ZeroDivisionError"),
        ("ending_shop:sign_in", "importing ending_shop raises SystemExit"),
        (
            "shop_of_a_test:signin",
            "wanted a function of shop_of_a_test that takes a test client; did you mean sign_in?",
        ),
        ("shop_of_a_test:people", "wanted a function"),
    ],
)
def test_sign_in_that_is_not_there(shop: None, name: str, told: str) -> None:
    with pytest.raises(OptionsError) as raised:
        Options(sign_in=name).wishes()
    assert told in str(raised.value)


def test_sign_in_that_raises(shop: None) -> None:
    """It is told by the name of the function, and is no finding."""
    sign_in: Any = Options(sign_in="shop_of_a_test:broken").wishes().sign_in

    with pytest.raises(OptionsError, match="shop_of_a_test:broken raises AssertionError: no such user"):
        sign_in(None)
