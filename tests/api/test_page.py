"""The page of the JSON interface: its tables are the code, its commands run, and its client is as short as it says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import Any

import pytest

from flask_cookieconsent.api.bodies import FIELDS
from flask_cookieconsent.api.description import shipped
from flask_cookieconsent.api.problems import TYPE
from flask_cookieconsent.choice.problems import Problem
from tests.browser.harness import served
from tests.kit.papers import DOCS, blocks, needs_pages, rows
from tests.kit.programs import addresses_of
from tests.kit.sites import make_site

pytestmark = needs_pages
PAGE = DOCS / "json-api.md"


def test_addresses_are_the_code() -> None:
    site = make_site()
    views = addresses_of(site)
    documented = {row[0].strip("`"): set(row[1].split(", ")) for row in rows(PAGE, "Addresses")}

    assert documented == {"/cookies/api" + path: methods for path, methods in views.items()}


def test_problems_are_the_code() -> None:
    documented = {row[0].strip("`"): int(row[1]) for row in rows(PAGE, "Problems")}
    types = [each.removeprefix(TYPE) for each in shipped()["components"]["schemas"]["ProblemType"]["enum"]]

    assert documented == {each: Problem(each).status for each in types}
    assert list(documented.values()) == sorted(documented.values())


def test_fields_are_the_code() -> None:
    assert [row[0].strip("`") for row in rows(PAGE, "A choice")] == list(FIELDS)


def test_client_is_as_short_as_it_says() -> None:
    (code,) = blocks(PAGE, "js")

    assert len([line for line in code.splitlines() if line.strip()]) <= 30
    assert max(map(len, code.splitlines())) <= 120


def run(script: str, address: str) -> list[Any]:
    """Run the commands of the page against a server, and return every answer that they print."""
    script = script.replace("https://www.example.com", address).replace("curl -s", "curl -s -w '\\n'")
    done = subprocess.run(["bash", "-euc", script], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not on this machine")
def test_commands_run() -> None:
    """A grant, what follows from it, its record, and the withdrawal, as the page shows them."""
    site = make_site()
    (script,) = blocks(PAGE, "sh")
    with served(site.app, host="localhost") as address:
        held, record, withdrawn = run(script, address)

    assert held["choices"]["films"] == "granted"
    assert [each["event_state"] for each in record["events"]] == ["given"]
    assert withdrawn["choices"]["films"] == "refused" and re.match(r"1\.\d{8}\.", withdrawn["token"])
    assert withdrawn["receipt"] is None
    (link,) = [event for event in site.events() if event.kind == "withdrawn"]
    assert link.previous_receipt is not None and link.scope == "app"
