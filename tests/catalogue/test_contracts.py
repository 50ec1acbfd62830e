"""Contract tests of every service, ready-made or not: generated from the catalogue's files, without a browser."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from babel.support import Translations
from bs4 import BeautifulSoup
from flask import render_template_string

from flask_cookieconsent import Cookie, Service, catalogue
from flask_cookieconsent.catalogue import google_analytics, youtube
from flask_cookieconsent.catalogue.kit import purposes
from flask_cookieconsent.catalogue.kit.declaration import factory
from flask_cookieconsent.core.defaults import CATEGORIES, EMBEDS, PURPOSES
from flask_cookieconsent.core.kinds import SHAPES
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.core.services import Frame, Widget
from flask_cookieconsent.errors import EmbedError, RegistryError
from flask_cookieconsent.i18n import DOMAIN, catalog_directory
from tests.kit.facts import (
    DATA,
    FACTS,
    LEFT_OUT,
    NEVER,
    OTHERS_COOKIES,
    covers,
    facts_of,
    missing_cookies,
    missing_hosts,
)
from tests.kit.papers import DOCS, blocks, needs_pages
from tests.kit.samples import (
    OWN,
    OWN_FACTS,
    SAMPLES,
    Sample,
    bandstand,
    consent_to,
    parameters_of,
    refusable,
    refusal,
    sample_site,
)
from tests.kit.sites import Site, remote_references

EVERYONE = (*SAMPLES, OWN)
READY = {each.service.id: each.service for each in SAMPLES}
LANGUAGES = sorted(each.name for each in Path(catalog_directory()).iterdir() if (each / "LC_MESSAGES").is_dir())

each_sample = pytest.mark.parametrize("sample", EVERYONE, ids=lambda each: each.service.id)
each_ready = pytest.mark.parametrize("service", READY.values(), ids=lambda each: each.id)


def content_of(sample: Sample) -> Frame | Widget:
    """Return what is embedded of a sample that has something to embed."""
    assert sample.service.parse is not None and sample.embed is not None
    found = sample.service.parse(sample.embed)
    assert found is not None
    return found


EMBEDDED = [each for each in EVERYONE if each.embed is not None]
FRAMED = [each for each in EMBEDDED if isinstance(content_of(each), Frame)]
LINKED = [each for each in EMBEDDED if content_of(each).link]
each_embed = pytest.mark.parametrize("sample", EMBEDDED, ids=lambda each: each.service.id)


# -- the pages ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site() -> Site:
    """One site with every service."""
    return sample_site(EVERYONE)


def page(site: Site, path: str, *allowed: str) -> str:
    """Return a page as somebody gets it who has answered for everything and allowed some services."""
    visitor = site.visitor()
    visitor.client.set_cookie("cookieconsent", consent_to(site, *allowed))
    return visitor.get(path).text


def strings_in(value: Any) -> Iterator[str]:
    """Yield every text of a nested value that belongs to somebody: an id or an address, and no word."""
    if isinstance(value, str) and len(value) > 4 and re.search(r"[\d./_-]", value):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for each in value.values() for text in strings_in(each))
    elif isinstance(value, (tuple, list)):
        yield from (text for each in value for text in strings_in(each))


def traces_of(sample: Sample) -> set[str]:
    """Return what a page holds of a service once it is allowed: hosts, addresses of scripts and frames, and ids."""
    service = sample.service
    found = {source.partition("://")[2].lstrip("*.") for each in service.hosts.values() for source in each}
    contents = [content_of(sample)] if sample.embed is not None else []
    for content in contents:
        found |= {content.src} if isinstance(content, Frame) else set(strings_in(content.attributes))
    for tag in [service.tag, *(each.tag for each in contents if isinstance(each, Widget))]:
        if tag is not None:
            found |= {tag.src} | set(strings_in([tag.data, tag.attributes, tag.values, tag.calls]))
    return found - {""}


def is_absent(sample: Sample, html: str) -> None:
    """Check that a page holds nothing of a service but the words and the links of its placeholder."""
    soup = BeautifulSoup(html, "html.parser")
    for link in soup.select("a[href]"):
        del link["href"]
    for words in soup.select("form[id^=fcc-load-] input, .fcc-about .fcc-placeholder-title"):
        words.decompose()
    # What opts out of a service names its account.
    for script in soup.select("script[data-values]"):
        del script["data-values"]
    for place in soup.select(".fcc-placeholder"):
        del place["data-url"], place["aria-label"]
    assert remote_references(html) == []
    assert soup.select(f'script[data-service="{sample.service.id}"]') == []
    plain = str(soup)
    assert [each for each in traces_of(sample) if each in plain] == []


def is_present(sample: Sample, html: str) -> None:
    """Check that an allowed service is in a page."""
    soup, service = BeautifulSoup(html, "html.parser"), sample.service
    scripts = soup.select(f'script[data-service="{service.id}"]')
    if service.tag is not None:
        assert soup.head is not None and soup.head.select(f'script[data-service="{service.id}"]')
    if sample.embed is None:
        assert scripts
    else:
        is_embedded(soup, service, content_of(sample))


def is_embedded(soup: BeautifulSoup, service: Service, content: Frame | Widget) -> None:
    """Check that the frame, or the element and the script, of an embed is in a page."""
    place = soup.select_one(f".fcc-embed.fcc-shape-{content.shape}")
    assert place is not None
    if isinstance(content, Frame):
        frame = place.iframe
        assert frame is not None and frame["src"] == content.src and frame["title"] == "A sample"
        assert frame["referrerpolicy"] == "strict-origin-when-cross-origin"
    else:
        (element,) = place.find_all("div", recursive=False)
        assert content.attributes.items() <= {name: _text(value) for name, value in element.attrs.items()}.items()
        assert place["aria-label"] == "A sample"
        assert place.select(f'script[data-service="{service.id}"]')


def _text(value: Any) -> str:
    return " ".join(value) if isinstance(value, list) else str(value)


@each_sample
def test_nothing_of_it_before_consent(site: Site, sample: Sample) -> None:
    """A1, A2: not for a newcomer, not after a refusal, and not while only others are allowed."""
    name = sample.service.id
    others = [each.service.id for each in EVERYONE if each.service.id != name]

    is_absent(sample, site.visitor().get(f"/of/{name}").text)
    is_absent(sample, page(site, f"/of/{name}"))
    soup = BeautifulSoup(page(site, f"/of/{name}", *others), "html.parser")
    assert soup.select(f'script[data-service="{name}"]') == []
    assert bool(soup.select(".fcc-placeholder")) == (sample.embed is not None)


@each_sample
def test_it_is_there_once_allowed(site: Site, sample: Sample) -> None:
    """A6: allowed alone, all of it."""
    html = page(site, f"/of/{sample.service.id}", sample.service.id)

    is_present(sample, html)
    assert 'class="fcc-placeholder' not in html


@each_sample
def test_absence_check_twin(site: Site, sample: Sample) -> None:
    """A2: the check above finds each service where it is allowed."""
    with pytest.raises(AssertionError):
        is_absent(sample, page(site, f"/of/{sample.service.id}", sample.service.id))


def test_presence_check_twin(site: Site) -> None:
    with pytest.raises(AssertionError):
        is_present(OWN, page(site, f"/of/{OWN.service.id}"))


@each_embed
def test_placeholder_takes_the_same_space(site: Site, sample: Sample) -> None:
    """A9: the style sheet reserves the room of the shape, before and after."""
    name, shape = sample.service.id, content_of(sample).shape
    css = files("flask_cookieconsent").joinpath("static", "fcc.css").read_text()

    assert shape in SHAPES
    assert reserves(css, shape)
    assert f'class="fcc-placeholder fcc-shape-{shape}"' in page(site, f"/of/{name}")
    assert re.search(rf'class="fcc-embed (?:fcc-widget )?fcc-shape-{shape}"', page(site, f"/of/{name}", name))


def reserves(css: str, shape: str) -> bool:
    """Tell whether a style sheet gives a shape its height."""
    rule = re.search(rf"^\.fcc-shape-{shape} \{{([^}}]*)\}}", css, re.MULTILINE)
    return rule is not None and re.search(r"aspect-ratio:|(?:^|[ ;])(?:min-)?block-size:", rule[1]) is not None


def test_reserved_space_twin() -> None:
    assert not reserves(".fcc-shape-wide { max-inline-size: 45rem; }", "wide")
    assert not reserves(".fcc-shape-wider { aspect-ratio: 16 / 9; }", "wide")


@each_embed
def test_embed_without_a_title_is_refused(site: Site, sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person who hears the page has nothing else to go by."""
    monkeypatch.setitem(site.app.config, "TESTING", True)
    template = "{{ cookieconsent.embed(service, embed, title=title) }}"
    for title in ("", " \n"):
        with site.app.test_request_context(), pytest.raises(EmbedError, match="title is empty"):
            render_template_string(template, service=sample.service.id, embed=sample.embed, title=title)


@each_embed
def test_placeholder_says_who_shows_what(site: Site, sample: Sample) -> None:
    """A9, C2: the sentence of its kind with the provider's name, the privacy policy, and the way to allow it."""
    service, content = sample.service, content_of(sample)
    assert service.provider is not None
    soup = BeautifulSoup(page(site, f"/of/{service.id}"), "html.parser")
    place = soup.select_one(".fcc-placeholder")
    assert place is not None
    links = {each["href"] for each in place.select("a[href]")}

    said = EMBEDS[content.kind] % {"provider": service.provider.name}
    assert said.replace("..", ".") in place.text
    assert service.provider.privacy_policy in links
    assert not content.link or content.link in links
    assert place.select(f'button[value=allow][formaction*="service={service.id}&"]')


@each_embed
def test_content_comes_from_declared_hosts(sample: Sample) -> None:
    """A2: the frame or the script of what is embedded is let through by the declaration of its service."""
    assert is_let_through(sample.service, content_of(sample))


def is_let_through(service: Service, content: Frame | Widget) -> bool:
    """Tell whether a service declares the host of a frame, or of the script of a widget."""
    directive, address = ("frame-src", content.src) if isinstance(content, Frame) else ("script-src", content.tag.src)
    return any(covers(each, address) for each in service.hosts.get(directive, ()))


def test_declared_hosts_twin() -> None:
    assert not is_let_through(replace(OWN.service, hosts={}), content_of(OWN))


@pytest.mark.parametrize("sample", FRAMED, ids=lambda each: each.service.id)
def test_link_pasted_again_is_the_same_content(sample: Sample) -> None:
    """A9: *Load once* sends the link back, and is given the frame that the page would show."""
    content = content_of(sample)

    assert content_of(replace(sample, embed=content.link)) == content


FOREIGN = (
    "https://evil.example{}",
    "https://{host}.evil.example{}",
    "https://evil{site}{}",
    "https://{host}@evil.example{}",
)


@pytest.mark.parametrize("form", FOREIGN)
def test_address_of_another_host_is_not_its_own(form: str) -> None:
    """A2: a host that only looks like the provider's is nobody's."""
    assert [sample.service.id for sample in LINKED if reads_foreign(sample, form)] == []


def reads_foreign(sample: Sample, form: str) -> bool:
    """Tell whether a service takes an address of another host for its own."""
    link = content_of(sample).link
    host = urlsplit(link).netloc
    # In front of the whole host it may be another account of the same provider, as with Typeform's.
    site = ".".join(host.split(".")[-2:])
    address = form.replace("{host}", host).replace("{site}", site).replace("{}", link.partition(host)[2])
    return read(sample.service, address) is not None


@pytest.mark.parametrize("added", ['"', "<b>", "\n", "\x00", "\\", " x", ";", "é"])
def test_no_hostile_character_reaches_a_page(added: str) -> None:
    """A2: whatever is put at the end of an address or a number, nothing of it is in the frame or its element."""
    assert [sample.service.id for sample in EMBEDDED if passes_on(sample, added)] == []


def passes_on(sample: Sample, added: str) -> bool:
    """Tell whether what is put at the end of an address, or of a reference, reaches the page."""
    content = read(sample.service, f"{content_of(sample).link or sample.embed}{added}")
    if isinstance(content, Widget):
        return any(added in text for text in (*content.attributes.values(), content.tag.src))
    return content is not None and added in content.src


def read(service: Service, text: str) -> Frame | Widget | None:
    """Return what a service makes of a text; a hint is not content."""
    assert service.parse is not None
    try:
        return service.parse(text)
    except ValueError:
        return None


def test_hostile_twin() -> None:
    """A service that takes what it is given fails both."""
    link = "https://bandstand.example/songs/12"

    def trusting(text: str) -> Frame:
        return Frame(src=text, link=text, kind="audio", shape="strip")

    careless = Sample(replace(OWN.service, parse=trusting), link)
    assert passes_on(careless, '"') and passes_on(careless, "\n")
    assert all(reads_foreign(careless, form) for form in FOREIGN)


# -- the declarations --------------------------------------------------------------------------------------------------


@each_sample
def test_declaration_is_sound_in_every_category(sample: Sample) -> None:
    """C2, C5: with each category that its factory offers, and with none that is not one."""
    service = sample.service
    fitting = service.categories or ("third_party",)

    assert set(service.categories) <= {category.id for category in CATEGORIES}
    assert service.category in fitting
    assert refusable(sample).service.category != "necessary", "every service can be refused in some category"
    for category in fitting:
        build([replace(service, category=category)])


def test_declaration_twin() -> None:
    with pytest.raises(RegistryError, match="wanted an origin"):
        build([replace(OWN.service, hosts={"img-src": ("https://bandstand.example/path",)})])


def test_cookie_purposes_are_of_the_vocabulary() -> None:
    """Every text of a cookie is one that is translated already."""
    assert outside_the_vocabulary(READY.values()) == []


def outside_the_vocabulary(services: Iterable[Service]) -> list[tuple[str, str]]:
    """Return the services and cookies whose purpose is none of those for ready-made services."""
    vocabulary = {value for name, value in vars(purposes).items() if name.isupper()}
    return [(each.id, cookie.name) for each in services for cookie in each.cookies if cookie.purpose not in vocabulary]


def test_vocabulary_twin() -> None:
    assert outside_the_vocabulary([OWN.service]) == [("bandstand", "stand_*"), ("bandstand", "stand.volume")]


def texts_of(sample: Sample) -> set[str]:
    """Return every text about a service that visitors read, but for names."""
    service = sample.service
    texts = {PURPOSES[service.purpose], service.description, service.justification}
    texts |= {cookie.purpose for cookie in service.cookies}
    texts |= {EMBEDS[content_of(sample).kind]} if sample.embed is not None else set()
    groups = [each for each in CATEGORIES if each.id in (service.categories or (service.category,))]
    texts |= {text for each in groups for text in (each.title, each.summary, each.refusal)}
    return {each for each in texts if each}


def untranslated(samples: Iterable[Sample], locale: str) -> list[tuple[str, str]]:
    """Return the services, with each text about them, that a language does not have."""
    catalog = Translations.load(catalog_directory(), [locale], DOMAIN)
    return [
        (sample.service.id, text)
        for sample in samples
        for text in sorted(texts_of(sample))
        if catalog.gettext(text) == text
    ]


@pytest.mark.parametrize("locale", LANGUAGES)
def test_texts_are_there_in_every_language(locale: str) -> None:
    """B6: nothing about a ready-made service is left in English."""
    assert untranslated(SAMPLES, locale) == []


def test_texts_twin() -> None:
    """A service with texts of its own is named, with each of them."""
    assert untranslated([OWN], "nl") == [("bandstand", "Keeps the song."), ("bandstand", "Keeps the volume.")]


def test_doubts_say_what_would_settle_them() -> None:
    """What nobody has seen confirmed can be, and is told."""
    doubts = [(id, doubt) for id, data in DATA.items() for doubt in data.get("doubts", ())]

    assert len(doubts) > len(DATA) / 2
    assert [(id, doubt) for id, doubt in doubts if not can_be_settled(doubt)] == []


def can_be_settled(doubt: Mapping[str, str]) -> bool:
    """Tell whether a doubt is about something, of a known degree, and says what would settle it."""
    return bool(doubt["about"].strip()) and doubt["sure"] in ("partly", "memory") and doubt["settle"].endswith(".")


@pytest.mark.parametrize("broken", [{"about": " "}, {"sure": "guess"}, {"settle": ""}])
def test_doubts_twin(broken: dict[str, str]) -> None:
    doubt = {"about": "hosts", "sure": "partly", "settle": "Look."}
    assert can_be_settled(doubt) and not can_be_settled(doubt | broken)


@pytest.mark.parametrize("name", catalogue.__all__)
def test_factory_is_called_like_its_service(name: str) -> None:
    """Each has a sample, an id and a category that can be changed, and a sentence that says what it gives."""
    factory = getattr(catalogue, name)
    parameters = inspect.signature(factory).parameters

    assert factory.__name__ == name
    assert name in READY, "its file has no sample"
    assert parameters["id"].default == name == READY[name].id
    assert parameters["category"].default == READY[name].category in READY[name].categories
    assert (inspect.getdoc(factory) or "").startswith("Return ")
    assert READY[name].provider is not None


def test_catalogue_is_in_alphabetical_order() -> None:
    assert list(catalogue.__all__) == sorted(catalogue.__all__)
    assert set(READY) == set(catalogue.__all__)


# -- the parameters ----------------------------------------------------------------------------------------------------

HOSTILE = ('"', "'", "<b>", "\n", "\\", " x", "{id}", "\u0661", "\x00")


def lets_through(
    make: Callable[..., Service], needed: Mapping[str, Any], name: str, rule: Mapping[str, Any]
) -> list[str]:
    """Return what a parameter takes at the end of its example; none of it may get into a page, a policy or a script."""
    values = (rule["example"] + added for added in HOSTILE)
    return [value for value in values if not refusal(make, **{**needed, name: value})]


@pytest.mark.parametrize("name", DATA)
def test_parameters_refuse_what_is_hostile(name: str) -> None:
    """A2: the example is taken, and nothing that could leave the place where it stands."""
    rules = DATA[name].get("parameters", {})
    needed = parameters_of(DATA[name])
    texts = {each: rule for each, rule in rules.items() if "example" in rule}

    assert refusal(getattr(catalogue, name), **needed) == ""
    assert {
        each: lets_through(getattr(catalogue, name), needed, each, rule) for each, rule in texts.items()
    } == dict.fromkeys(texts, [])


def test_parameter_twin() -> None:
    """A pattern that takes anything takes all of that."""
    rule = {"match": r"(?s:.)*", "example": "12"}
    made = factory("podium", DATA["youtube"] | {"parameters": {"site": rule}})
    assert len(lets_through(made, {}, "site", rule)) == len(HOSTILE)


# -- the facts ---------------------------------------------------------------------------------------------------------


@each_ready
def test_facts_are_covered(service: Service) -> None:
    """A2, C4, E4: what the provider is known to contact and to store is declared."""
    assert missing_hosts(service, facts_of(service)) == []
    assert missing_cookies(service, facts_of(service)) == []


def test_facts_of_the_own_service_are_covered() -> None:
    assert missing_hosts(OWN.service, OWN_FACTS) == []
    assert missing_cookies(OWN.service, OWN_FACTS) == []


@pytest.mark.parametrize("directive", sorted(OWN_FACTS["hosts"]))
def test_facts_twin_for_hosts(directive: str) -> None:
    """A declaration that lacks one directive, or one of its hosts, does not pass."""
    hosts = OWN.service.hosts
    lacking = replace(OWN.service, hosts={name: sources for name, sources in hosts.items() if name != directive})
    elsewhere = replace(OWN.service, hosts={**hosts, directive: ("https://elsewhere.example",)})

    assert {name for name, _ in missing_hosts(lacking, OWN_FACTS)} == {directive}
    assert {name for name, _ in missing_hosts(elsewhere, OWN_FACTS)} == {directive}


def test_facts_twin_for_cookies() -> None:
    """A cookie of another name, or one that only another site can read, covers nothing."""
    others = (Cookie(name="stand", purpose="Keeps."), Cookie(name="stand_*", purpose="Keeps.", domain="b.example"))

    assert missing_cookies(replace(OWN.service, cookies=others), OWN_FACTS) == ["stand_*"]


@pytest.mark.parametrize(
    ("declared", "source", "expected"),
    [
        ("https://a.example", "https://a.example", True),
        ("https://a.example", "https://a.example/path/", True),
        ("https://*.a.example", "https://b.a.example", True),
        ("https://*.a.example", "https://*.b.a.example", True),
        ("https://*.a.example", "https://a.example", False),
        ("https://a.example", "https://*.a.example", False),
        ("https://*.a.example", "https://xa.example", False),
        ("https://*.a.example", "wss://b.a.example", False),
        ("https://shop.a.example", "https://{name}.a.example", True),
        ("https://a.example.net", "https://{name}.a.example", False),
        ("https://stats.b.example", "{origin of url}", True),
    ],
)
def test_cover(declared: str, source: str, expected: bool) -> None:
    assert covers(declared, source) is expected


def test_reasons_are_sentences_about_facts() -> None:
    """What is left out is in the facts still, and has a reason; a doubt that names a host is the other way."""
    for (service, directive, source), reason in LEFT_OUT.items():
        assert source in FACTS[service]["hosts"][directive] and reason.endswith(".")
    for (service, name), reason in OTHERS_COOKIES.items():
        assert name in FACTS[service]["cookies"] and reason.endswith(".")
    for part, reason in NEVER.items():
        assert any(part in source for facts in FACTS.values() for each in facts["hosts"].values() for source in each)
        assert reason.endswith(".")


# -- services of the site's own, and two of one kind -------------------------------------------------------------------


@needs_pages
def test_own_service_of_the_docs() -> None:
    """A tag, hosts and a provider are enough for all that a ready-made service has."""
    names: dict[str, Any] = {}
    for block in blocks(DOCS / "declaring.md"):
        exec(compile(block, "declaring.md", "exec"), names)
    counter = names["counter"]
    sample = Sample(counter)
    site = sample_site([sample], COOKIECONSENT_CSP="enforce")
    policy = ["", ""]
    for place, allowed in enumerate(((), ("counter",))):
        visitor = site.visitor()
        visitor.client.set_cookie("cookieconsent", consent_to(site, *allowed))
        policy[place] = visitor.get("/of/counter").headers["Content-Security-Policy"]

    is_absent(sample, page(site, "/of/counter"))
    is_present(sample, page(site, "/of/counter", "counter"))
    assert "counter.example" not in policy[0] and "script-src 'self' https://counter.example" in policy[1]
    assert "Counter SA" in page(site, "/cookies/") and "_count" in page(site, "/cookies/policy")
    assert recipe_in(page(site, "/of/counter", "counter"), "counter")["attributes"] == {"data-site": "shop-1"}


def recipe_in(html: str, service: str) -> Any:
    """Return what the loader of a service is told."""
    (script,) = BeautifulSoup(html, "html.parser").select(f'script[data-service="{service}"]')
    return json.loads(str(script["data-recipe"]))


def test_two_properties_of_google_are_two_services() -> None:
    """B8: each is asked about, and each loads alone."""
    shop = google_analytics("G-SHOP123456", id="shop_numbers", name="Numbers of the shop")
    site = sample_site([Sample(google_analytics("G-MAIN123456")), Sample(shop)])
    both = page(site, "/all", "google_analytics", "shop_numbers")
    one = page(site, "/all", "shop_numbers")

    def loaded(html: str) -> list[str]:
        return [str(each["data-id"]) for each in BeautifulSoup(html, "html.parser").select("script[data-id]")]

    assert loaded(both) == ["G-MAIN123456", "G-SHOP123456"]
    assert loaded(one) == ["G-SHOP123456"]
    assert "Numbers of the shop" in page(site, "/cookies/")


def test_two_services_of_one_video_host() -> None:
    """An address belongs to the first of them; the other is meant by its id, for one page or for good."""
    film = "https://youtu.be/aqz-KE-bpKQ"
    lessons = Sample(replace(youtube(id="lessons"), name="Lessons on YouTube"), film)
    site = sample_site([Sample(youtube(), film), lessons])
    html = page(site, "/all", "lessons")
    soup = BeautifulSoup(html, "html.parser")

    assert len(soup.select(".fcc-embed iframe")) == len(soup.select(".fcc-placeholder")) == 1
    assert soup.select('.fcc-placeholder[data-service="youtube"]')
    with site.app.test_request_context():
        shown = render_template_string("{{ cookieconsent.embed(film, title='A film') }}", film=film)
        assert 'data-service="youtube"' in shown
    soup = BeautifulSoup(page(site, "/all"), "html.parser")
    once = soup.find(id=soup.select_one('.fcc-placeholder[data-service="lessons"] .fcc-load')["form"])  # type: ignore[index]
    assert once is not None and str(once["action"]).endswith("/frame/lessons")
    fields = {str(each["name"]): str(each["value"]) for each in once.select("input[name]")}
    assert "https://www.youtube-nocookie.com/embed/aqz-KE-bpKQ" in site.visitor().post(fields, str(once["action"])).text


def test_two_of_a_kind_share_their_cookies() -> None:
    """E4: what the one that is allowed needs stays; once both are off it goes."""
    site = sample_site([OWN, Sample(bandstand("second"), OWN.embed)], COOKIECONSENT_UNDECLARED_COOKIES="raise")

    def expired(*allowed: str) -> bool:
        cookies = f"cookieconsent={consent_to(site, *allowed)}; stand_1=song"
        answer = site.visitor().get("/of/second", headers={"Cookie": cookies})
        return any(each.startswith("stand_1=;") for each in answer.headers.getlist("Set-Cookie"))

    assert not expired("second")
    assert not expired("bandstand")
    assert expired()
