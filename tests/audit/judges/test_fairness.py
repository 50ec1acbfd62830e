"""`flask cookieconsent check`: a template that makes refusing harder is named (B1, B2, B3)."""

from __future__ import annotations

from importlib.resources import files

import pytest
from flask_babel import Babel

from tests.kit.sites import LAYOUT, make_site, small_app
from tests.test_cli import run

FOLDER = files("flask_cookieconsent").joinpath("templates", "cookieconsent")
BANNER = FOLDER.joinpath("banner.html").read_text("utf-8")
PREFERENCES = FOLDER.joinpath("preferences.html").read_text("utf-8")
SERVICES = FOLDER.joinpath("services.html").read_text("utf-8")
REJECT = next(line.strip() for line in BANNER.splitlines() if 'value="reject"' in line)


def check(**templates: str) -> tuple[int, str]:
    overridden = {f"cookieconsent/{name}.html": text for name, text in templates.items()}
    result = run(make_site(app=small_app(overridden)).app, "check")
    return result.exit_code, result.output


def test_own_templates_are_fair() -> None:
    status, output = check()

    assert status == 0
    assert output.startswith("Refusing is as easy as accepting, and nothing is ticked beforehand: en.\n")


def test_every_language_of_the_site_is_checked() -> None:
    app = small_app({"layout.html": LAYOUT.replace('lang="en"', 'lang="nl"')})
    app.config["BABEL_DEFAULT_LOCALE"] = "nl"
    Babel(app)

    assert "nl" in run(make_site(app=app).app, "check").output.partition("beforehand: ")[2]


def test_site_that_asks_nothing_is_fair() -> None:
    assert "nothing is asked" in run(make_site(app=small_app({"home.html": LAYOUT}), services=()).app, "check").output


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (REJECT, "", "there is no button for 'reject'; wanted name=choice with value=reject"),
        (REJECT, REJECT.replace('"fcc-button"', '"quiet"'), "class of accept and reject is 'fcc-button' and 'quiet'"),
        (REJECT, REJECT.replace("<button", '<button style="opacity:.4"'), "style of accept and reject is None and"),
        (REJECT, REJECT.replace("<button", "<button hidden"), "hidden of accept and reject is None and ''"),
        (REJECT, "<a href='/more'>More</a>" + REJECT, "something stands between accept and reject"),
        (REJECT, REJECT.replace('_("Reject all")', "''"), "reject is called '' and accept 'Accept all'"),
        (REJECT, f"</form><form>{REJECT}", "accept and reject are not the same element in the same form"),
        ('class="fcc-banner ', 'class="wall ', "no element has the class fcc-banner"),
    ],
)
def test_unfair_banners_are_the_bad_twins(old: str, new: str, told: str) -> None:
    assert old in BANNER
    status, output = check(banner=BANNER.replace(old, new))

    assert status == 1
    assert f"en: banner.html: {told}" in output


def test_template_that_raises_is_named() -> None:
    """The check says what is wrong with it, as it does of the pages of the site, and goes on."""
    status, output = check(banner="{{ nothing.at.all }}")

    assert status == 1 and "Traceback" not in output
    assert "en: banner or preferences raise UndefinedError: 'nothing' is undefined\n" in output
    assert "/: raises UndefinedError: 'nothing' is undefined\n" in output


def test_refusal_that_both_hide_is_named() -> None:
    """Nothing is gained by hiding both: the one that has to be there is told."""
    status, output = check(banner=BANNER.replace('name="choice"', 'tabindex="-1" name="choice"'))

    assert status == 1 and "reject has tabindex='-1'" in output


@pytest.mark.parametrize(
    ("template", "text", "told"),
    [
        (
            "services",
            SERVICES.replace('type="checkbox"', 'type="checkbox" checked'),
            "the switch 'films' is on before",
        ),
        (
            "preferences",
            PREFERENCES.replace('type="checkbox"', 'type="checkbox" checked'),
            "the switch 'language' is on before",
        ),
        ("preferences", PREFERENCES.replace('value="save"', 'value="accept"'), "there is no button that saves"),
        ("preferences", PREFERENCES.replace('value="reject"', 'value="later"'), "there is no button for 'reject'"),
    ],
)
def test_unfair_preferences_are_the_bad_twins(template: str, text: str, told: str) -> None:
    status, output = check(**{template: text})

    assert status == 1
    assert f"en: preferences.html: {told}" in output
