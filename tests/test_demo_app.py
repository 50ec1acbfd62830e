"""The demo's App without a browser: one shell for everybody, a sound manifest, a worker that is told what to keep."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from flask.testing import FlaskClient

import demo_app.mobile
from demo_app import create_app
from demo_app.consents import SERVICES
from demo_app.language import LANGUAGES
from demo_app.mobile.shell import shell_version
from demo_app.mobile.views import SERVICES as ASKED
from flask_cookieconsent.testing import consenting

ADDRESS = re.compile(r'(?:href|src|data-worker|data-lists)="(/[^"#]*)')
#: What the policy of the demo would block: scripts and styles in the page itself.
INLINE = re.compile(r"<script(?![^>]*\ssrc=)|<style|\son[a-z]+=|\sstyle=|javascript:")
FOLDER = Path(demo_app.mobile.__file__).parent


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The demo, with a database of its own."""
    return create_app({"INSTANCE_PATH": str(tmp_path_factory.mktemp("instance"))})


@pytest.fixture
def client(demo: Any) -> FlaskClient:
    """Somebody who has chosen nothing."""
    client: FlaskClient = demo.test_client()
    return client


def kept_by(client: FlaskClient) -> dict[str, Any]:
    """Return what the first lines of the worker say: its version, and what it keeps."""
    head = client.get("/app/worker.js").text.partition("\n//")[0]
    return {name: json.loads(value) for name, value in re.findall(r"^const ([A-Z]+) = (.*);$", head, re.M)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_shell_is_whole(client: FlaskClient, language: str) -> None:
    """Every address in it answers, in each language, and nothing in it is inline."""
    shell = client.get(f"/app/?lang={language}")
    addresses = {found.replace("&amp;", "&") for found in ADDRESS.findall(shell.text)}

    assert f'<html lang="{language}"' in shell.text
    assert INLINE.findall(shell.text) == []
    assert {each: client.get(each, buffered=True).status_code for each in addresses} == dict.fromkeys(addresses, 200)
    assert {"/app/worker.js", "/app/lists.json", f"/app/manifest.webmanifest?lang={language}"} <= addresses


@pytest.mark.parametrize("html", ["<script>go()</script>", "<p onclick=go()>", "<p style='top: 0'>", "<style>"])
def test_inline_code_is_found(html: str) -> None:
    """The bad twins of a shell without inline code."""
    assert INLINE.findall(html)


def test_shell_is_the_same_for_everybody(client: FlaskClient, demo: Any) -> None:
    """A8: it reads no cookie, so that a copy of it on the device is nobody's, and it sets none."""
    allowing = consenting(demo.test_client(), "language", "first_visit", "youtube")
    mine, theirs = client.get("/app/?lang=nl"), allowing.get("/app/?lang=nl&utm_source=letter")
    website = allowing.get("/?lang=nl")

    assert mine.data == theirs.data
    assert "Set-Cookie" not in theirs.headers
    assert mine.headers["Cache-Control"] == "no-cache"
    assert "youtube" not in mine.headers["Content-Security-Policy"]
    assert website.headers.getlist("Set-Cookie"), "the bad twin: a page that asks the cookie"


def test_copies_are_checked_before_use(client: FlaskClient) -> None:
    """An update is whole: shell, worker and lists are asked for again, and are not sent again where nothing changed."""
    for path in ("/app/", "/app/worker.js", "/app/lists.json", "/app/manifest.webmanifest"):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (first.headers["Cache-Control"], again.status_code) == ("no-cache", 304), path


def is_installable(manifest: dict[str, Any]) -> bool:
    """Tell whether browsers offer to install what a manifest describes: name, start, display and large icons."""
    sizes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    return (
        bool(manifest["name"] and manifest["short_name"])
        and manifest["start_url"].startswith(manifest["scope"])
        and manifest["display"] in ("standalone", "fullscreen", "minimal-ui")
        and {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= sizes
    )


def test_manifest_makes_it_installable(client: FlaskClient) -> None:
    """Name, start, scope, colours and icons are there; every icon has the size that is said of it."""
    answer = client.get("/app/manifest.webmanifest?lang=de")
    manifest = json.loads(answer.data)

    assert answer.mimetype == "application/manifest+json"
    assert is_installable(manifest)
    assert (manifest["id"], manifest["scope"], manifest["start_url"]) == ("/app/", "/app/", "/app/")
    assert (manifest["lang"], manifest["display"], manifest["theme_color"]) == ("de", "standalone", "#e3ebe4")
    for icon in manifest["icons"]:
        width, height = struct.unpack(">II", client.get(icon["src"], buffered=True).data[16:24])
        assert icon["sizes"] == f"{width}x{height}"


@pytest.mark.parametrize(
    "change",
    [{"display": "browser"}, {"start_url": "/"}, {"icons": []}, {"name": ""}],
    ids=lambda each: next(iter(each)),
)
def test_manifest_that_installs_nothing(client: FlaskClient, change: dict[str, Any]) -> None:
    """The bad twins of an installable App."""
    assert not is_installable(json.loads(client.get("/app/manifest.webmanifest").data) | change)


def test_worker_keeps_the_shell_and_two_documents(client: FlaskClient) -> None:
    """What it keeps is the App's own, the lists, and the question; nothing else below the consent's prefix (A1)."""
    kept = kept_by(client)

    assert set(kept) == {"VERSION", "SHELL", "LISTS", "NOTICES"}
    assert all(path.startswith(("/app/", "/static/")) for path in [*kept["SHELL"], kept["LISTS"]])
    assert kept["NOTICES"] == [f"/cookies/api/notice?lang={each}" for each in LANGUAGES]
    assert {f"/app/?lang={each}" for each in LANGUAGES} < set(kept["SHELL"])


def test_worker_keeps_all_that_the_shell_asks_for(client: FlaskClient) -> None:
    """Every file of the shell, and every module that one imports, opens without a connection."""
    kept = set(kept_by(client)["SHELL"])
    shown = set(
        re.findall(r'<(?:link rel="(?:stylesheet|icon|modulepreload)"|script)[^>]*"(/[^"]+)"', client.get("/app/").text)
    )
    modules = {f"/app/static/{name[2:]}" for path in (FOLDER / "static").glob("*.js") for name in imports(path)}

    assert shown | modules <= kept
    assert len(shown | modules) > 8


def imports(path: Path) -> list[str]:
    """Return what a module imports."""
    return re.findall(r'^import [^;]* from "([^"]+)";', path.read_text("utf-8"), re.M)


def test_version_follows_what_is_shown(demo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another setting that changes the shell is another version of it."""
    first = shell_version(demo)
    assert shell_version(demo) == first
    monkeypatch.setitem(demo.config, "COOKIECONSENT_SHARED_SCOPES", ("Website", "App"))
    assert shell_version(demo) != first


def test_lists_are_those_of_the_platform(client: FlaskClient) -> None:
    """What is paid is not due, and whoever owes nothing is a customer all the same."""
    lists = client.get("/app/lists.json").json

    assert lists is not None
    assert {each["status"] for each in lists["invoices"]} == {"open", "overdue"}
    assert [each["due"] for each in lists["invoices"]] == sorted(each["due"] for each in lists["invoices"])
    assert len(lists["customers"]) == 12
    assert sum(each["cents"] for each in lists["invoices"]) == sum(each["cents"] for each in lists["customers"])


def test_app_asks_about_declared_services() -> None:
    """What it asks about is optional, and what it keeps by itself is declared as necessary."""
    declared = {service.id: service for service in SERVICES}

    assert all(declared[each].category != "necessary" for each in ASKED)
    assert declared["app"].category == "necessary"
    assert {cookie.name for cookie in declared["app"].cookies} >= {"ecom_app_choices", "ecom-app-*", "/app/worker.js"}


def test_words_are_those_of_the_scripts(client: FlaskClient) -> None:
    """Every word that a script says is in the page, and none is there in vain."""
    said = set(re.findall(r'data-word="(\w+)"', client.get("/app/").text))
    scripts = "".join(path.read_text("utf-8") for path in (FOLDER / "static").glob("*.js"))
    named = set(re.findall(r'"(\w+)"', scripts)) | {"invoices", "customers", "privacy", "choose", "ask"}

    assert said - named == set()
    assert set(re.findall(r'word\("(\w+)"', scripts)) <= said


def test_demo_is_translated_whole(demo: Any) -> None:
    """Every text of Website, Platform and App is in each catalog of the demo."""
    texts = {
        found[2]
        for found in extract_from_dir(
            demo.root_path, method_map=[("**.py", "python"), ("**/templates/**.html", "jinja2")]
        )
    }
    singular = {text[0] if isinstance(text, tuple) else text for text in texts}
    catalogs = demo.extensions["babel"].instance.domain_instance._catalogs

    assert {name: singular - set(map(_singular, catalog._catalog)) for name, catalog in catalogs.items()} == {
        name: set() for name in ("de", "fr", "nl")
    }


def _singular(key: Any) -> Any:
    return key[0] if isinstance(key, tuple) else key
