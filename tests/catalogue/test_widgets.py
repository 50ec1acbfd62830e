"""JavaScript widgets without an iframe: CAPTCHAs, payment fields and comments (A9)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from importlib.resources import files
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import render_template_string
from jinja2 import ChoiceLoader, DictLoader

from flask_cookieconsent import Widget
from flask_cookieconsent.catalogue import disqus, hcaptcha, recaptcha, stripe, turnstile
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.services import Service
from flask_cookieconsent.errors import RegistryError
from tests.kit.samples import refusal
from tests.kit.sites import Site, make_app, make_site, soup_of, static

KEYS = {
    recaptcha: "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI",
    hcaptcha: "10000000-ffff-ffff-ffff-000000000001",
    turnstile: "1x00000000000000000000AA",
    stripe: "pk_test_TYooMQauvdEDq54NiTphI7jx",
}
CAPTCHAS = (recaptcha, hcaptcha, turnstile)
# In a category where a visitor has to allow them first.
OPTIONAL = [make(key, category="functionality") for make, key in KEYS.items()]

FORM = """<!doctype html><html lang="en"><head><title>Form</title>{{ cookieconsent.head(nonce="n0nce") }}</head><body>
<form method="post" action="/sent"><input name="text">{{ cookieconsent.embed(service, title="Are you a person?") }}
<button>Send</button></form></body></html>"""


def form_site(service: Service, page: str = FORM) -> Site:
    """Return a site with a form that holds a service."""
    app = make_app()
    app.add_url_rule("/form", "form", lambda: render_template_string(page, service=service.id))
    return make_site(app=app, services=[service])


def widget_of(service: Service, text: str = "") -> Widget:
    assert service.parse is not None
    found = service.parse(text)
    assert isinstance(found, Widget)
    return found


# -- in a form ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("service", OPTIONAL, ids=lambda service: service.id)
def test_form_works_without_it(service: Service) -> None:
    """A9, A3: before it is allowed the form is whole, and nothing of the vendor is in the page."""
    soup = soup_of(form_site(service).visitor().get("/form"))

    form = soup.select_one("form[action='/sent']")
    assert form is not None and form.select_one("button") and not nests_a_form(soup)
    assert not soup.select("script[src*='tag.js'], [data-sitekey], [data-key]")
    assert [each.get("form") for each in form.select("button")] == ["fcc-form", None]
    assert "Are you a person?" in form.text


def nests_a_form(soup: BeautifulSoup) -> bool:
    """Tell whether a form is written inside a form, of which browsers, and parsers like theirs, drop the inner one."""
    return bool(soup.select("form form"))


@pytest.mark.parametrize("service", OPTIONAL, ids=lambda service: service.id)
def test_allowed_widget(service: Service) -> None:
    """A9: once allowed, the element and its script stand there, and the script has the page's nonce."""
    site = form_site(service)
    visitor = site.visitor()
    visitor.choose("accept")
    form = soup_of(visitor.get("/form")).select_one("form[action='/sent']")
    widget = widget_of(service)

    assert form is not None
    element = form.select_one(".fcc-widget > div")
    assert element is not None and element.parent["aria-label"] == "Are you a person?"  # type: ignore[index]
    assert {name: " ".join(element[name]) if name == "class" else element[name] for name in widget.attributes} == dict(
        widget.attributes
    )
    script = form.select_one("script")
    assert script is not None and script["src"] == static("tag.js")
    assert (script["data-src"], script["nonce"]) == (widget.tag.src, "n0nce")


@pytest.mark.parametrize("service", OPTIONAL, ids=lambda service: service.id)
def test_form_in_a_form_twin(service: Service) -> None:
    """The same widget with a placeholder that has a form of its own would break the site's."""
    site = form_site(service)
    own = DictLoader({"cookieconsent/placeholder.html": "<form></form>"})
    site.app.jinja_loader = ChoiceLoader([own, site.app.jinja_loader])  # type: ignore[list-item]

    assert nests_a_form(soup_of(site.visitor().get("/form")))


@pytest.mark.parametrize("make", [*CAPTCHAS, stripe])
def test_head_loads_none(make: Any) -> None:
    """C5: even a necessary one is loaded only where it stands, not on every page."""
    app = make_app()
    app.add_url_rule("/form", "form", lambda: render_template_string(FORM, service=make.__name__))
    service = make(KEYS[make], category="necessary")
    site = make_site(app=app, services=[service])

    assert str(service.justification) in site.visitor().get("/cookies/").text
    assert not soup_of(site.visitor().get("/about")).select("script[src*='tag.js']")
    assert soup_of(site.visitor().get("/form")).select_one("script[src*='tag.js']")


@pytest.mark.parametrize("make", [*CAPTCHAS, stripe])
@pytest.mark.parametrize("category", ["tracking", "performance"])
def test_category_that_does_not_fit(make: Any, category: str) -> None:
    with pytest.raises(RegistryError, match="does not fit what it does"):
        build([*_necessary(), make(KEYS[make], category=category)])


def _necessary() -> list[Service]:
    return [Service(id="own", name="Own", category="necessary", purpose="security", justification="It is needed.")]


@pytest.mark.parametrize("service", OPTIONAL, ids=lambda service: service.id)
def test_pasted_addresses_are_not_theirs(service: Service) -> None:
    assert service.parse is not None
    for text in ("https://youtu.be/aqz-KE-bpKQ", "https://www.google.com/recaptcha/", "x", " "):
        assert service.parse(text) is None


BAD = [
    "",
    " ",
    "x",
    "a b",
    "'",
    '"><script>',
    "1x0000\n",
    None,
    7,
    "é" * 40,
    "6L" + "a" * 37,
    "pk_test_",
    "0x" + "a" * 99,
]


@pytest.mark.parametrize("make", KEYS)
def test_keys(make: Any) -> None:
    """What is no key is told at start-up, with what was found and what is wanted."""
    assert refusal(make, KEYS[make]) == ""
    for bad in BAD:
        assert f"key: found {bad!r}, wanted one such as" in refusal(make, bad)


@pytest.mark.parametrize(
    ("make", "key", "options"),
    [
        (recaptcha, "language", {"language": "en\n"}),
        (recaptcha, "host", {"host": "evil.example"}),
        (hcaptcha, "language", {"language": "EN"}),
        (turnstile, "action", {"action": "a b"}),
        (stripe, "version", {"version": "v3/../x"}),
        (stripe, "payment_link", {"payment_link": "javascript:alert(1)"}),
    ],
)
def test_other_parameters(make: Any, key: str, options: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=f"^{key}: found "):
        make(KEYS[make], **options)


def test_parameters_reach_the_script() -> None:
    assert widget_of(recaptcha(KEYS[recaptcha], language="pt-BR")).tag.src.endswith("api.js?hl=pt-BR")
    assert "https://www.recaptcha.net/" in widget_of(recaptcha(KEYS[recaptcha])).tag.src
    assert widget_of(hcaptcha(KEYS[hcaptcha], language="nl")).tag.src.endswith("?hl=nl")
    assert widget_of(turnstile(KEYS[turnstile], action="signup")).attributes["data-action"] == "signup"
    assert widget_of(stripe(KEYS[stripe])).tag.src == "https://js.stripe.com/v3/?advancedFraudSignals=false"
    assert widget_of(stripe(KEYS[stripe], version="basil", fraud_signals=True)).tag.src == (
        "https://js.stripe.com/basil/stripe.js"
    )


def test_payment_link() -> None:
    """Who has not allowed Stripe can still pay, on a page of its own."""
    service = stripe(KEYS[stripe], payment_link="https://buy.stripe.com/test_1", category="functionality")

    page = soup_of(form_site(service).visitor().get("/form"))
    assert page.select_one("a[href='https://buy.stripe.com/test_1'][rel='noopener noreferrer']")


# -- comments ----------------------------------------------------------------------------------------------------------


def thread(text: str = "article-42") -> Site:
    app = make_app()
    page = (
        FORM.replace("<form", "<div")
        .replace("</form>", "</div>{{ cookieconsent.link() }}")
        .replace("embed(service,", f"embed(service, {text!r},")
    )
    app.add_url_rule("/form", "form", lambda: render_template_string(page, service="disqus"))
    return make_site(app=app, services=[disqus("example")])


def test_thread_before_and_after() -> None:
    """A9: one press allows the comments; there is nothing to load once, because Disqus has no frame for others."""
    site = thread()
    visitor = site.visitor()
    before = soup_of(visitor.get("/form"))
    assert [each["value"] for each in before.select(".fcc-placeholder button")] == ["allow"]
    assert before.select_one("a[href='https://disqus.com/home/forum/example/']")
    assert "disqus_thread" not in str(before)

    visitor.press(visitor.get("/form"), "Always allow Disqus", within=".fcc-placeholder")
    after = soup_of(visitor.get("/form"))
    script = after.select_one(".fcc-widget script")
    assert after.select_one(".fcc-widget > #disqus_thread")
    assert script is not None and script["src"] == static("disqus.js")
    assert (script["data-src"], script["data-identifier"]) == ("https://example.disqus.com/embed.js", "article-42")


def test_frame_page_shows_no_widget() -> None:
    """A widget has no frame, so nothing that a visitor sends makes our frame page run a script of theirs."""
    answer = thread().visitor().post({"url": "article-42", "title": "x"}, "/cookies/frame/disqus")

    assert answer.status_code == 400
    assert "disqus.com" not in answer.text


@pytest.mark.parametrize("text", ["", "a b", "<b>", "https://youtu.be/aqz-KE-bpKQ", "//evil.example", "x" * 201, "é"])
def test_no_identifier(text: str) -> None:
    assert disqus("example").parse is not None
    assert disqus("example").parse(text) is None  # type: ignore[misc]


@pytest.mark.parametrize("found", ["", "a", "A.b", "x/../y", "a\n", "é" * 3, "x" * 65, None])
def test_shortname(found: Any) -> None:
    with pytest.raises(ValueError, match=re.escape(f"shortname: found {found!r}, wanted one such as")):
        disqus(found)


PAGE = """
const { loader, script, canonical } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const added = [];
const page = { location: { origin: "https://a.example", pathname: "/x" }, Date, document: {
  currentScript: script, documentElement: { lang: "pt-BR" },
  querySelector: () => canonical && { href: canonical },
  createElement: () => ({ setAttribute(name) { this.has = name; } }),
  head: { append: (node) => added.push(node) },
} };
page.window = page;
page.HTMLScriptElement = class {};
page.document.currentScript = Object.assign(new page.HTMLScriptElement(), script);
require("vm").runInNewContext(loader, page);
const asked = { page: {} };
page.disqus_config.call(asked);
process.stdout.write(JSON.stringify({ asked, added }));
"""


@pytest.mark.parametrize(
    ("canonical", "url"), [(None, "https://a.example/x"), ("https://b.example/y", "https://b.example/y")]
)
def test_loader_of_disqus(canonical: str | None, url: str) -> None:
    """Disqus is told the thread, the page's canonical address and its language, in the function that it calls."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("the loader is run by Node, which is not installed")
    loader = files("flask_cookieconsent").joinpath("static", "disqus.js").read_text("utf-8")
    script = {"dataset": {"src": "https://e.disqus.com/embed.js", "identifier": "article-42"}, "nonce": "n"}
    script["src"] = "https://a.example/cookies/static/disqus.js"
    sent = json.dumps({"loader": loader, "script": script, "canonical": canonical})
    done = subprocess.run([node, "-e", PAGE], input=sent, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)

    assert found["asked"] == {"page": {"url": url, "identifier": "article-42"}, "language": "pt_BR"}
    assert [(each["src"], each["nonce"]) for each in found["added"]] == [("https://e.disqus.com/embed.js", "n")]


def test_name_with_a_full_stop() -> None:
    """A company's name may end in one, and a sentence ends in one only."""
    service = hcaptcha(KEYS[hcaptcha])

    assert "Intuition Machines, Inc. If you load it" in " ".join(form_site(service).visitor().get("/form").text.split())
