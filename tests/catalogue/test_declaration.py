"""Declarations as data: the factory that a file becomes, its parameters, its variants, and what it refuses."""

from __future__ import annotations

import inspect
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flask_cookieconsent import Provider
from flask_cookieconsent.catalogue.kit.declaration import factory, read_file
from flask_cookieconsent.core.services import Answer, Construct, Cookie, Queue, Widget
from flask_cookieconsent.errors import RegistryError

OWNER = Provider(name="Podium SA", country="BE", privacy_policy="https://podium.example/privacy")
PODIUM: dict[str, Any] = {
    "name": "Podium",
    "summary": "podcast episodes.",
    "provider": {"name": "Podium SA", "country": "BE", "privacy_policy": "https://podium.example/privacy"},
    "purpose": "embedded_audio",
    "categories": ["third_party", "tracking"],
    "sources": {"podium": {"at": "https://podium.example/cookies", "seen": "2026-11-27"}},
}


def podium(**more: Any) -> Any:
    """Return the factory of a declaration with some keys more."""
    return factory("podium", PODIUM | more)


def test_least_declaration() -> None:
    """Names, a purpose and a category are enough; the first category is the default."""
    service = podium()()

    assert (service.id, service.name, service.category, service.purpose) == (
        "podium",
        "Podium",
        "third_party",
        "embedded_audio",
    )
    assert service.provider == OWNER
    assert (service.cookies, service.hosts, service.tag, service.parse) == ((), {}, None, None)


def test_what_every_factory_takes() -> None:
    service = podium()(id="second", category="tracking", name="Podium two")

    assert (service.id, service.category, service.name) == ("second", "tracking", "Podium two")


def test_cookies() -> None:
    """An entry is one cookie, or several that are alike; a life is a number and a unit."""
    cookies = [
        {
            "name": "listener",
            "purpose": "Recognises.",
            "kept": "90 days",
            "domain": "podium.example",
            "source": "podium",
        },
        {"name": ["a", "b*"], "purpose": "Keeps.", "storage": "session", "note": "Both are short."},
    ]

    assert podium(cookies=cookies)().cookies == (
        Cookie(name="listener", purpose="Recognises.", duration=timedelta(days=90), domain="podium.example"),
        Cookie(name="a", purpose="Keeps.", storage="session"),
        Cookie(name="b*", purpose="Keeps.", storage="session"),
    )


def test_hosts() -> None:
    """Origins are named with their directives; one that is said twice is one."""
    hosts = {
        "https://a.example https://b.example": {"for": ["img-src"], "source": "podium"},
        "https://a.example": {"for": ["img-src", "frame-src"]},
    }

    assert podium(hosts=hosts)().hosts == {
        "img-src": ("https://a.example", "https://b.example"),
        "frame-src": ("https://a.example",),
    }


def test_tag() -> None:
    tag = podium(
        parameters={"site": {"match": "[0-9]+", "example": "12"}},
        tag={
            "src": "https://podium.example/{site}.js",
            "queue": {"name": "pod", "spreads": True},
            "calls": [["consent", {"ads": {"answer": {"purpose": "advertising", "granted": True, "denied": False}}}]],
            "constructs": {"name": "pod", "of": "Pod", "options": {"ti": "{site|number}"}, "keeps": "q"},
            "after": [["pod.push", "pageLoad"]],
            "silenced": {"off-{site}": True},
        },
    )("12").tag

    assert tag.src == "https://podium.example/12.js"
    assert tag.queue == Queue(name="pod", spreads=True)
    assert tag.calls == (("consent", {"ads": Answer(purpose="advertising", granted=True, denied=False)}),)
    assert tag.constructs == Construct(name="pod", of="Pod", options={"ti": 12}, keeps="q")
    assert (tag.after, tag.silenced) == ((("pod.push", "pageLoad"),), {"off-12": True})


def test_parameters_are_checked() -> None:
    made = podium(
        parameters={
            "site": {"match": "[0-9]{2,4}", "example": "12"},
            "region": {
                "choices": {"eu": {"host": "eu.podium.example"}, "us": {"host": "podium.example"}},
                "default": "us",
            },
            "mode": {"choices": ["loud", "quiet"], "default": "loud"},
            "url": {"is": "server", "example": "https://stats.example.org", "default": ""},
            "loud": {"is": "flag", "default": False},
        },
        hosts={"https://{host}": {"for": ["img-src"]}},
    )

    assert made("12").hosts == {"img-src": ("https://podium.example",)}
    assert made("12", region="eu").hosts == {"img-src": ("https://eu.podium.example",)}
    for wrong, said in (
        ({"site": "x"}, "site: found 'x', wanted one such as '12'"),
        ({"site": 12_345}, "site: found 12345, wanted one such as '12'"),
        ({"site": "12\n"}, "site: found '12\\n', wanted"),
        ({"region": "mars"}, "region: found 'mars', wanted one of eu, us"),
        ({"region": ["eu"]}, "region: found .'eu'., wanted one of eu, us"),
        ({"mode": "soft"}, "mode: found 'soft', wanted one of loud, quiet"),
        ({"url": "http://stats.example.org"}, "url: found 'http://stats.example.org', wanted one such as"),
        ({"loud": "yes"}, "loud: found 'yes', wanted True or False"),
    ):
        with pytest.raises(ValueError, match=said.replace("\\", "\\\\")):
            made(**{"site": "12"} | wrong)


def test_signature_is_the_parameters() -> None:
    """What has to be given may be given by place; what may be left out is given by name, unless the file says."""
    made = podium(
        parameters={
            "site": {"match": "[0-9]+", "example": "12"},
            "region": {"choices": ["eu"], "keyword": True},
            "mode": {"choices": ["loud"], "default": "loud"},
        }
    )

    assert str(inspect.signature(made)) == (
        "(site: 'str', *, region: 'str', mode: 'str' = 'loud', "
        "id: 'str' = 'podium', category: 'str' = 'third_party', name: 'str' = 'Podium') -> 'Service'"
    )
    assert made.__name__ == "podium"
    assert (made.__doc__ or "").startswith("Return Podium: podcast episodes.")
    with pytest.raises(TypeError, match="missing a required argument: 'region'"):
        made("12")
    with pytest.raises(TypeError, match="too many positional arguments"):
        made("12", "eu")


@pytest.mark.parametrize("values", [(), ("x",), ("12", "eu")])
def test_error_says_of_which_service_it_is(values: tuple[str, ...]) -> None:
    """A list of many services may be one statement."""
    site = {"site": {"match": "[0-9]+", "example": "12"}}
    with pytest.raises((TypeError, ValueError)) as caught:
        podium(parameters=site)(*values)

    assert caught.value.__notes__ == ["in podium(site, id, category, name)"]


def test_exactly_one_of_two_names_the_site() -> None:
    either = {"match": "[0-9]+", "example": "12", "default": ""}
    made = podium(parameters={"old": either, "new": either}, one_of=["old", "new"])

    assert made(old="12").name == "Podium"
    with pytest.raises(ValueError, match="^old: found '', wanted one such as '12', or a new"):
        made()
    with pytest.raises(ValueError, match="^old: found None, wanted one such as '12', or a new"):
        made(old=None)
    with pytest.raises(ValueError, match="^new: found '2' beside a old, wanted one of them"):
        made(old="1", new="2")


def test_whoever_runs_the_server_is_named() -> None:
    """A server that is not the vendor's needs a provider; a guess would tell visitors something untrue."""
    made = podium(
        parameters={
            "url": {"is": "server", "example": "https://stats.example.org"},
            "provider": {"is": "provider", "unless": ["url", r"https://[a-z]+\.podium\.example"], "default": None},
        }
    )
    shop = Provider(name="Shop SA", country="BE", privacy_policy="https://shop.example/privacy")

    assert made("https://my.podium.example").provider == OWNER
    assert made("https://stats.shop.example", provider=shop).provider == shop
    with pytest.raises(ValueError, match="provider: found None, wanted the Provider"):
        made("https://stats.shop.example")


def test_variants() -> None:
    """A variant joins objects and lists, and replaces other values, where its parameters are as it says."""
    made = podium(
        parameters={
            "host": {"match": "[a-z.]+", "example": "a.example", "default": ""},
            "mode": {"choices": ["loud", "quiet"], "default": "loud"},
        },
        cookies=[{"name": "one", "purpose": "Keeps."}],
        tag={"src": "https://podium.example/a.js", "calls": [["start"]]},
        variants=[
            {"if": {"host": True}, "hosts": {"https://{host}": {"for": ["img-src"]}}},
            {"if": {"host": False, "mode": "loud"}, "cookies": [{"name": "two", "purpose": "Keeps."}]},
            {"if": {"mode": "quiet"}, "tag": {"src": "https://podium.example/b.js", "calls": [["hush"]]}},
        ],
    )

    assert [each.name for each in made().cookies] == ["one", "two"]
    assert [each.name for each in made(host="b.example").cookies] == ["one"]
    assert made(host="b.example").hosts == {"img-src": ("https://b.example",)}
    assert made(mode="quiet").tag.src == "https://podium.example/b.js"
    assert made(mode="quiet").tag.calls == (("start",), ("hush",))


def test_widget() -> None:
    """An element that a script fills takes no reference, or the one that its pattern reads."""
    widget = {"attributes": {"data-key": "{key}"}, "tag": {"src": "https://podium.example/a.js"}}
    parameters = {"key": {"match": "[a-z]+", "example": "abc"}}
    embed = {"kind": "form", "shape": "check", "widget": widget}
    read = podium(parameters=parameters, embed=embed)("abc").parse
    found = read("")

    assert isinstance(found, Widget)
    assert (found.attributes, found.tag.src) == ({"data-key": "abc"}, "https://podium.example/a.js")
    assert read("anything") is None

    named = embed | {"addresses": [{"text": "(?P<thread>[a-z0-9-]+)"}]}
    named["widget"] = widget | {"attributes": {"id": "{thread}"}}
    read = podium(parameters=parameters, embed=named)("abc").parse
    assert read("article-42").attributes == {"id": "article-42"}
    assert read("article 42") is None


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"cokies": []}, "declaration 'podium': found cokies, wanted some of"),
        ({"cookies": [{"name": "a", "purpose": "Keeps.", "life": "1 day"}]}, "cookie 'a': found life, wanted some of"),
        ({"cookies": [{"name": "a", "purpose": "Keeps.", "kept": "1 week"}]}, "kept: found '1 week', wanted '90 days'"),
        ({"hosts": {"https://a.example": {"as": []}}}, "host 'https://a.example': found as, wanted some of"),
        ({"tag": {"source": "https://a.example/a.js"}}, "tag: found source, wanted some of"),
        ({"tag": {"src": "https://a.example/{site}.js"}}, "declaration 'podium': nothing fills '{site}'"),
        ({"provider": {"name": "Podium"}}, "provider: wanted country, privacy_policy as well"),
        ({"parameters": {"id": {"match": "a", "example": "a"}}}, "parameter 'id': every declaration has it"),
    ],
)
def test_what_means_nothing_is_refused(broken: dict[str, Any], said: str) -> None:
    """A key that would be passed over is a fact that nobody is told."""
    with pytest.raises(RegistryError) as caught:
        podium(**broken)()

    assert said in str(caught.value)


@pytest.mark.parametrize("missing", ["name", "purpose", "categories"])
def test_what_is_needed(missing: str) -> None:
    data = {key: value for key, value in PODIUM.items() if key != missing}
    with pytest.raises(RegistryError, match=f"declaration 'podium': wanted {missing} as well"):
        factory("podium", data)


def test_file(tmp_path: Path) -> None:
    """A site's own file has the form of ours, and its name is the id."""
    path = tmp_path / "podium.json"
    path.write_text(json.dumps(PODIUM), "utf-8")

    assert read_file(path)().id == "podium"


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '"podium"', "\x00"])
def test_file_that_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "podium.json"
    path.write_text(text, "utf-8")
    with pytest.raises(RegistryError, match=r"podium\.json: "):
        read_file(path)
