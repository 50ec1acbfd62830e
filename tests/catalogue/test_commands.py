"""The commands of the catalogue: what they print, and how they end where a file is not what it should be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from flask_cookieconsent.core.registry import build
from tests.kit.sites import make_site

from .test_checking import PODIUM
from .test_own_files import file

PIXEL = """<script>!function(f,b,e,v){f.fbq=function(){};t.src=v}(window,document,'script',
'https://connect.facebook.net/en_US/fbevents.js');fbq('init', '1234567890123456');</script>"""


def run(*arguments: object, text: str = "") -> Result:
    """Run one of the commands."""
    return make_site().app.test_cli_runner().invoke(args=["cookieconsent", *map(str, arguments)], input=text)


def test_catalogue_comes_first() -> None:
    result = run("new-service", text=PIXEL)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "# The catalogue has it:",
        "from flask_cookieconsent.catalogue import meta_pixel",
        "",
        'meta_pixel("1234567890123456")',
    ]


def test_line_can_be_pasted() -> None:
    """What is printed is Python that declares the service."""
    names: dict[str, object] = {}
    exec(run("new-service", text=PIXEL).stdout.replace("\nmeta_pixel(", "\nservice = meta_pixel("), names)

    assert "meta_pixel" in build([names["service"]]).services  # type: ignore[list-item]


def test_skeleton_is_json_and_the_rest_is_said_beside_it() -> None:
    result = run("new-service", text='<iframe src="https://player.podium.example/e/123456"></iframe>')

    assert json.loads(result.stdout)["embed"]["src"] == "https://player.podium.example/e/{item}"
    assert result.stderr.splitlines()[1] == "Save it as podium.json, then look up:"
    assert "- provider.name: words" in result.stderr.splitlines()


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("https://youtu.be/aqz-KE-bpKQ", "youtube()"),
        (" https://open.spotify.com/episode/7makk4oTQel546B0PZlDM5\n", "spotify()"),
        ("//vm.tiktok.com/ZMabc/", "tiktok()"),
    ],
)
def test_address_alone_names_its_service(url: str, line: str) -> None:
    """Who has seen it in the log asks what to declare; short links are somebody's too."""
    assert run("new-service", text=url).stdout.splitlines()[-1] == line


def test_address_of_nobody_is_no_skeleton() -> None:
    result = run("new-service", text="https://podium.example/e/12")

    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "wanted the embed code or the snippet" in result.output


def test_skeleton_says_that_the_catalogue_has_the_name() -> None:
    said = "- typeform: the catalogue has a service of this name; does it do what you need?"
    code = '<div data-tf-live="01HABCDEFGHJKMNPQRSTVWXYZ0"></div><script src="https://{}/embed.js"></script>'

    assert said in run("new-service", text=code.format("embed.typeform.com")).stderr.splitlines()
    assert said not in run("new-service", text=code.format("embed.podium.example")).stderr.splitlines()


def test_configuration_that_is_code_is_told_where_to_read(tmp_path: Path) -> None:
    result = run("import-services", file(tmp_path, b"tarteaucitron.job.push('youtube');", "tac.js"))

    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert result.output.rstrip().endswith("docs/moving.md says what to write it as")


@pytest.mark.parametrize("text", ["", "\x00\ufeff", "</script" * 9, "x" * 50_000])
def test_any_input_is_has_a_skeleton(text: str) -> None:
    assert json.loads(run("new-service", text=text).stdout)["provider"]["name"] == ""


def test_input_without_an_end_is_refused() -> None:
    result = run("new-service", text="x" * 1_000_001)

    assert (result.exit_code, result.output) == (1, "Error: found more than 1,000,000 bytes, wanted one snippet\n")


# -- declarations of ours ----------------------------------------------------------------------------------------------


def test_sound_declaration_is_told_as_visitors_read_it(tmp_path: Path) -> None:
    path = file(tmp_path, PODIUM)
    result = run("import-services", path)

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "Podium (Third party cookies): Plays music and recordings inside our pages.",
        "  Podium SA, BE, https://podium.example/privacy",
        "  listener  90 days  this site  Recognises your browser.",
        "  frame-src: https://player.podium.example",
        "",
        "from flask_cookieconsent import read_service",
        "",
        f"podium = read_service({str(path)!r})  # podium(show='1234')",
    ]


@pytest.mark.parametrize("kept", ["1 day", "395 days", "30 minutes", "36 hours", "90 seconds"])
def test_life_is_told_as_it_is_declared(tmp_path: Path, kept: str) -> None:
    cookie = {"name": "listener", "purpose": "Recognises your browser.", "kept": kept}

    assert (
        f"  listener  {kept}  this site"
        in run("import-services", file(tmp_path, PODIUM | {"cookies": [cookie]})).stdout
    )


def test_folder_is_read_whole(tmp_path: Path) -> None:
    file(tmp_path, PODIUM)
    file(tmp_path, PODIUM | {"name": "Stage"}, "stage.json")
    assert "Stage (Third party cookies)" in run("import-services", tmp_path).stdout

    file(tmp_path, PODIUM | {"ticked": 1}, "worse.json")
    result = run("import-services", tmp_path)
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert result.output.startswith("worse.json: the whole: found 'ticked' in it, wanted some of ")


def test_empty_folder_is_said(tmp_path: Path) -> None:
    result = run("import-services", tmp_path)

    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "found no file that ends in .json" in result.output


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"purpose": "advertising", "categories": ["necessary"], "justification": "x"}, "never strictly necessary"),
        ({"default": True}, "found 'default' in it"),
        ({"purpose": "profit"}, "unknown purpose 'profit'"),
        (
            {"tag": {"queue": {"name": "q", "nme": "q"}, "src": "https://a.example/a.js"}},
            "tag.queue: found 'nme' in it, wanted some of aliases, calls, ",
        ),
        ({"tag": {"src": "https://a.example/{a}.js"}}, "found '{a}', wanted one of category, id, name, show in it"),
        ({"variants": [{"if": {"b": True}}]}, "variants: found 'b', wanted one of category, id, "),
        ({"tag": {"src": "https://a.example/{show|upper}.js"}}, "nothing fills '{upper}'"),
        ({"one_of": ["lost", "show"]}, "one_of: found 'lost', wanted one of category, id, "),
        (
            {"embed": {"kind": "song", "shape": "wide", "src": "https://a.example", "addresses": [{"text": "a"}]}},
            "kind: found",
        ),
    ],
)
def test_mistake_is_one_line_and_no_traceback(tmp_path: Path, change: dict[str, object], sentence: str) -> None:
    result = run("import-services", file(tmp_path, PODIUM | {"sample": {"embed": "a"}} | change))

    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
    assert sentence in result.output
    assert result.output.count("\n") == 1


@pytest.mark.parametrize(
    "data", [b"", b"[" * 100_000, b"\xff", b"\0" * 9, b" " * 1_000_001, b"[1, 2]", b'"x"', b"{", b"a,b\n", b"[NaN]"]
)
def test_hostile_file_ends_in_a_sentence(tmp_path: Path, data: bytes) -> None:
    result = run("import-services", file(tmp_path, data))

    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
    assert (result.output.count("\n"), len(result.output) < 400) == (1, True)


@pytest.mark.parametrize("path", ["/dev/zero", "/nowhere/x.json", "../../etc/passwd", "a\tb", "x" * 400])
def test_path_that_is_no_file_ends_in_a_sentence(path: str) -> None:
    result = run("import-services", path)

    assert (result.exit_code, result.output.count("\n")) == (1, 1)


# -- declarations of other tools ---------------------------------------------------------------------------------------

KLARO = {"services": [{"name": "facebook-pixel", "default": True}, {"name": "chat", "title": "Ch\x1b[31mat"}]}


def test_other_tool_is_turned_into_lines_and_skeletons(tmp_path: Path) -> None:
    result = run("import-services", file(tmp_path, KLARO))

    assert result.exit_code == 0
    assert result.stdout.splitlines()[:7] == [
        "# Klaro: 1 in the catalogue, 1 to be declared",
        "from flask_cookieconsent import read_service",
        "from flask_cookieconsent.catalogue import meta_pixel",
        "",
        "meta_pixel(\"?\")  # instead of '?': pixel_id: one such as 1234567890123456",
        "read_service('consent/chat.json')()",
        "",
    ]
    assert json.loads(result.stdout.partition("# chat.json\n")[2])["name"] == "Ch[31mat"
    assert "- facebook-pixel: was ticked beforehand" in result.stderr
    assert "- what visitors chose: they agreed to other words, so everybody is asked again" in result.stderr
    assert "\x1b" not in result.output


def test_skeletons_are_written_to_a_folder_once(tmp_path: Path) -> None:
    path, folder = file(tmp_path, KLARO), tmp_path / "new" / "consent"
    first = run("import-services", path, "--out", folder)
    written = (folder / "chat.json").read_text("utf-8")

    assert (first.exit_code, json.loads(written)["name"]) == (0, "Ch[31mat")
    assert f"read_service({str(folder / 'chat.json')!r})()" in first.stdout.splitlines()
    second = run("import-services", path, "--out", folder)
    assert (second.exit_code, "is there already, and is not written over" in second.output) == (1, True)
    assert (folder / "chat.json").read_text("utf-8") == written


def test_skeleton_with_gaps_declares_nothing(tmp_path: Path) -> None:
    """C3: what nobody has looked up is told to nobody."""
    run("import-services", file(tmp_path, KLARO), "--out", tmp_path / "consent")
    result = run("import-services", tmp_path / "consent")

    assert result.exit_code == 1
    assert "chat.json: provider.name: found '', wanted words" in result.output.splitlines()


def test_export_of_complianz_and_a_table_are_read(tmp_path: Path) -> None:
    export = b'{"settings": {"thirdparty_services_on_site": ["youtube"]}}#--COMPLIANZ--#58'
    table = b"Name;Category;Expiry\n_fbp;Marketing;3 months\n"

    assert "\nyoutube()\n" in run("import-services", file(tmp_path, export)).stdout
    assert '\nmeta_pixel("?")' in run("import-services", file(tmp_path, table, "cookies.csv")).stdout


# -- start-up ----------------------------------------------------------------------------------------------------------

LOADED = """import sys
from flask import Flask
from flask_cookieconsent import CookieConsent
app = Flask(__name__)
app.secret_key = "a key for tests only"
CookieConsent(app)
{more}
print([each for each in sys.modules if each.startswith("flask_cookieconsent.catalogue")] == [])"""


@pytest.mark.parametrize(("more", "is_free"), [("", "True"), ("from flask_cookieconsent import read_service", "False")])
def test_start_up_is_free_of_the_catalogue(more: str, is_free: str) -> None:
    """Who declares nothing ready-made loads none of it; the second is the bad twin."""
    done = subprocess.run([sys.executable, "-c", LOADED.format(more=more)], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == is_free
