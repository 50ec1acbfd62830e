"""Contract tests of every service in a real browser, where its provider does all that the facts say it does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
from flask import Response
from playwright.sync_api import Browser, Page

from flask_cookieconsent import Service
from flask_cookieconsent.core.services import Frame
from tests.kit.facts import addresses, covers, facts_of, wanted_cookies
from tests.kit.samples import OWN, OWN_FACTS, SAMPLES, Sample, consent_to, sample_site
from tests.kit.sites import Site

from .harness import HOST, Stub, served

EVERYONE = (*SAMPLES, OWN)

#: A provider's script: from every host of every directive it asks for what the directive governs, then it stores.
PROVIDER = """
(() => {
  if (window.__provider) return;
  window.__provider = "works";
  const { of, hosts, cookies, keys } = FACTS;
  const heard = (target, ...names) =>
    new Promise((done) => names.forEach((name) => target.addEventListener(name, done, { once: true })));
  const put = (name, attributes, ...names) => {
    const element = Object.assign(document.createElement(name), attributes);
    document.body.append(element);
    return heard(element, "load", "error", ...names);
  };
  const post = async (at) => {
    const frame = document.createElement("iframe");
    frame.name = at;
    document.body.append(frame);
    const form = Object.assign(document.createElement("form"), { action: `${at}/${of}`, method: "post", target: at });
    document.body.append(form);
    const told = Promise.race([heard(frame, "load"), heard(document, "securitypolicyviolation")]);
    form.submit();
    await told;
  };
  const ask = {
    "script-src": (at) => put("script", { src: `${at}/${of}.js` }),
    "style-src": (at) => put("link", { rel: "stylesheet", href: `${at}/${of}.css` }),
    "img-src": (at) => put("img", { src: `${at}/${of}.gif` }),
    "frame-src": (at) => put("iframe", { src: `${at}/${of}.html` }),
    "media-src": (at) => put("audio", { src: `${at}/${of}.mp3` }),
    "font-src": (at) => new FontFace("one", `url(${at}/${of}.woff2)`).load().catch(() => {}),
    "connect-src": (at) => at.startsWith("wss:")
      ? heard(new WebSocket(`${at}/${of}`), "error", "open")
      : fetch(`${at}/${of}`, { mode: "no-cors" }).catch(() => {}),
    "form-action": post,
  };
  const work = async () => {
    const asked = Object.entries(hosts).flatMap(([directive, each]) => each.map((at) => [ask[directive], at]));
    await Promise.all(asked.filter(([how]) => how !== post).map(([how, at]) => how(at)));
    for (const [how, at] of asked) if (how === post) await post(at);
    for (const name of cookies) document.cookie = `${name}=1; path=/; max-age=9999; domain=${location.hostname}`;
    for (const [area, name] of keys) (area === "local" ? localStorage : sessionStorage).setItem(name, 1);
    window.__provider = "done";
  };
  document.readyState === "loading" ? addEventListener("DOMContentLoaded", work) : work();
})();
"""
WATCH = """
window.__blocked = [];
window.__framed = 0;
document.addEventListener("load", ({ target }) => { window.__framed += target.tagName === "IFRAME"; }, true);
addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) =>
  window.__blocked.push([effectiveDirective, blockedURI]));
"""
FONTS = "() => document.fonts.size && [...document.fonts].every(({ status }) => /loaded|error/.test(status))"
TOLD = "() => [window.__blocked, [...Object.keys(localStorage), ...Object.keys(sessionStorage)]]"


def named(name: str) -> str:
    """Return a name that a declared one with a star stands for."""
    return name.removesuffix("*") + "1" if name.endswith("*") else name


@dataclass
class Seen:
    """What happened in a browser and beyond it since somebody allowed one service."""

    contacted: set[str]
    blocked: set[tuple[str, str]]
    cookies: set[str]
    stored: set[str]


class Guest:
    """Somebody on a site of samples, whose answers were given before.

    One browser profile is enough for all that is checked here: nothing of a visit is left, or a check has failed.
    """

    def __init__(self, page: Page, site: Site, address: str, stub: Stub) -> None:
        self.page, self._site, self._address, self._stub = page, site, address, stub
        self._context = page.context
        self._since = len(stub.asked)

    def forgets(self) -> None:
        """Be somebody who was never here."""
        self._context.clear_cookies()
        if self.page.url.startswith(self._address):
            self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self._since = len(self._stub.asked)

    def answers(self, *allowed: str) -> None:
        """Bring the choices cookie of somebody who allowed these services and refused the others."""
        cookie = {"name": "__Host-cookieconsent", "value": consent_to(self._site, *allowed), "url": self._address}
        self._context.add_cookies([cookie | {"secure": True}])

    def visit(self, path: str) -> None:
        self.page.goto(self._address + path)

    def withdraws(self) -> None:
        """Press the button and wait for the page that follows; what is asked from then on counts."""
        self._since = len(self._stub.asked)
        self.page.locator(".fcc-withdraw").click()
        self.page.locator("[aria-busy]").wait_for(state="detached")
        self.page.wait_for_load_state()

    def sees(self) -> Seen:
        """Return all that can be told by now."""
        blocked, stored = self.page.evaluate(TOLD)
        return Seen(
            contacted={host for host, _ in self._stub.asked[self._since :]},
            blocked={(directive, urlsplit(where).netloc) for directive, where in blocked},
            cookies={each["name"] for each in self._context.cookies(self._address)} - {"__Host-cookieconsent"},
            stored=set(stored),
        )


@dataclass
class Stage:
    """A site of samples, and whoever comes to it."""

    site: Site
    address: str
    stub: Stub
    guest: Guest

    def provides(self, sample: Sample, facts: Mapping[str, Any]) -> None:
        """Let the provider of a sample do what the facts say."""
        self.stub.script, self.stub.onward = script_of(sample, facts), onward_of(sample, facts)
        self.stub.style = style_of(sample, facts)
        self.stub.referers.clear()


def script_of(sample: Sample, facts: Mapping[str, Any]) -> str:
    """Return what the script of a provider does: its hosts and cookies by the facts, its keys as declared."""
    service = sample.service
    keys = [
        [each.storage, named(each.name)] for each in service.cookies if each.storage != "cookie" and not each.domain
    ]
    cookies = [named(each) for each in wanted_cookies(service, facts)]
    deeds = {"of": service.id, "hosts": addresses(service, facts), "cookies": cookies, "keys": keys}
    return PROVIDER.replace("FACTS", json.dumps(deeds))


def style_of(sample: Sample, facts: Mapping[str, Any]) -> str:
    """Return what the style sheet of a provider does, where it is all that is loaded: it asks for all that one can."""
    if sample.service.tag is None or not sample.service.tag.styles:
        return ""
    found = addresses(sample.service, facts)
    fonts = dict(enumerate(found.get("font-src", ())))
    faces = [f"@font-face {{ font-family: f{number}; src: url({at}/a.woff2); }}" for number, at in fonts.items()]
    pictures = [f"url({at}/a.gif)" for at in found.get("img-src", ())]
    look = f"font-family: {', '.join(f'f{number}' for number in fonts)}; background: {', '.join(pictures) or 'none'}"
    return "\n".join([*faces, f"html {{ {look}; }}"])


def onward_of(sample: Sample, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return where a frame leads: through every host of its facts, as a policy is checked on redirects too."""
    frame = frame_of(sample)
    if frame is None:
        return {}
    first = urlsplit(frame.src).netloc
    others = [each for each in addresses(sample.service, facts).get("frame-src", ()) if urlsplit(each).netloc != first]
    hosts = [first, *(urlsplit(each).netloc for each in others)]
    return dict(zip(hosts, (each + "/onward" for each in others), strict=False))


def frame_of(sample: Sample) -> Frame | None:
    """Return the frame of a sample that is one."""
    found = sample.service.parse(sample.embed) if sample.service.parse and sample.embed is not None else None
    return found if isinstance(found, Frame) else None


def asked_by_facts(sample: Sample, facts: Mapping[str, Any]) -> set[str]:
    """Return the hosts that are contacted once a service is allowed, if its provider does what the facts say."""
    found = addresses(sample.service, facts)
    return {urlsplit(each).netloc for directive, all_ in found.items() if directive != "form-action" for each in all_}


def frames_of_forms(sample: Sample, facts: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return what is blocked only because the provider's forms are sent into a frame here, so that the page stays."""
    found = addresses(sample.service, facts)
    forms, frames = ({urlsplit(each).netloc for each in found.get(name, ())} for name in ("form-action", "frame-src"))
    return {("frame-src", each) for each in forms - frames}


def finish(guest: Guest, sample: Sample) -> None:
    """Wait until the provider of an allowed service has done all it does."""
    tag = sample.service.tag
    if tag is not None and not tag.src and tag.styles:
        guest.page.wait_for_function(FONTS)
    elif tag is not None or frame_of(sample) is None:
        guest.page.wait_for_function("() => window.__provider === 'done'")
    if frame_of(sample) is not None:
        guest.page.locator(".fcc-embed iframe").scroll_into_view_if_needed()
        guest.page.wait_for_function("() => window.__framed")


def problems_of(stage: Stage, sample: Sample, facts: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a service, from the page that it is allowed on to the page after its withdrawal."""
    service, guest = sample.service, stage.guest
    stage.provides(sample, facts)
    guest.forgets()
    guest.answers(service.id)
    guest.visit(f"/of/{service.id}")
    finish(guest, sample)
    found = list(problems_of_use(stage, sample, facts, guest.sees()))
    guest.withdraws()
    after = guest.sees()
    if after.cookies:
        # One answer takes away as many as its headers may hold, and the next one the rest.
        guest.visit(f"/of/{service.id}")
        after = guest.sees()
    found += [f"{name} after withdrawal: {each}" for name, all_ in vars(after).items() for each in sorted(all_)]
    return found


def problems_of_use(stage: Stage, sample: Sample, facts: Mapping[str, Any], seen: Seen) -> Iterator[str]:
    """Yield what is wrong with a page that a service was allowed on; an idle provider would prove nothing."""
    yield from (f"blocked: {each}" for each in sorted(seen.blocked - frames_of_forms(sample, facts)))
    yield from (f"not asked: {each}" for each in sorted(asked_by_facts(sample, facts) - seen.contacted))
    yield from (f"not declared: {each}" for each in sorted(seen.contacted) if not is_declared(sample.service, each))
    cookies = {named(each) for each in wanted_cookies(sample.service, facts)}
    yield from (f"not stored: {each}" for each in sorted(cookies - seen.cookies))
    frame = frame_of(sample)
    if frame and stage.stub.referers.get(urlsplit(frame.src).netloc) != stage.address + "/":
        yield "frame without the origin of its page"


def is_declared(service: Service, host: str) -> bool:
    """Tell whether a service declares a host for anything."""
    sources = {each for sources in service.hosts.values() for each in sources}
    return any(covers(each, f"{scheme}://{host}") for each in sources for scheme in ("https", "wss"))


@pytest.fixture(scope="module")
def play(
    browser: Browser, authority: trustme.CA, stub: Stub, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Stage]]:
    """Puts sites of samples on a stage, under the strict policy."""
    running = []
    # One page for all: a browser lets those behind another wait.
    page = browser.new_page(ignore_https_errors=True)
    page.set_default_timeout(10_000)
    page.add_init_script(WATCH)

    def make(*samples: Sample) -> Stage:
        log = f"sqlite:///{tmp_path_factory.mktemp('log')}/log.db"
        site = sample_site(samples, COOKIECONSENT_CSP="enforce", SQLALCHEMY_DATABASE_URI=log)
        running.append(served(site.app, authority))
        address = running[-1].__enter__()
        return Stage(site, address, stub, Guest(page, site, address, stub))

    yield make
    page.context.close()
    stub.script = stub.style = ""
    stub.onward.clear()
    for each in running:
        each.__exit__(None, None, None)


@pytest.fixture(scope="module")
def stage(play: Callable[..., Stage]) -> Stage:
    """One site with every service."""
    return play(*EVERYONE)


#: Those that are one frame of one host: all that can differ between them is that host.
PLAIN = [each for each in EVERYONE if frame_of(each) and len(each.service.hosts["frame-src"]) == 1]


def test_plain_frames_allowed_and_withdrawn(stage: Stage) -> None:
    """A2, A6, C4, E3: on one page every frame comes from its own host, with nobody else, and goes with a withdrawal."""
    guest, frames = stage.guest, {each.service.id: urlsplit(frame.src) for each in PLAIN if (frame := frame_of(each))}
    stage.stub.script = stage.stub.style = ""
    stage.stub.onward.clear()
    stage.stub.referers.clear()
    guest.forgets()
    guest.answers(*frames)
    guest.visit("/all")
    guest.page.evaluate("() => document.querySelectorAll('iframe').forEach((each) => { each.loading = 'eager'; })")
    guest.page.wait_for_function("many => window.__framed >= many", arg=len(frames))
    seen = guest.sees()

    hosts = {each.netloc for each in frames.values()}
    assert len(PLAIN) > 50
    assert (seen.blocked, seen.contacted) == (set(), hosts)
    assert {host: stage.stub.referers.get(host) for host in hosts} == dict.fromkeys(hosts, stage.address + "/")
    assert [each.service.id for each in PLAIN if not is_declared(each.service, frames[each.service.id].netloc)] == []
    guest.withdraws()
    assert guest.sees() == Seen(contacted=set(), blocked=set(), cookies=set(), stored=set())


@pytest.mark.parametrize("sample", [each for each in EVERYONE if each not in PLAIN], ids=lambda each: each.service.id)
def test_allowed_alone_and_withdrawn(stage: Stage, sample: Sample) -> None:
    """A2, A6, C4, E3, E4: only declared hosts, all that the provider needs, and nothing of it after the withdrawal."""
    assert problems_of(stage, sample, OWN_FACTS if sample is OWN else facts_of(sample.service)) == []


def test_nobody_is_contacted_before(stage: Stage) -> None:
    """A1, A2: a page with every service, for a newcomer and for somebody who refused them all."""
    guest = stage.guest
    nothing = Seen(contacted=set(), blocked=set(), cookies=set(), stored=set())
    embedded = sum(each.embed is not None for each in EVERYONE)
    guest.forgets()

    guest.visit("/all")
    assert (guest.page.locator(".fcc-placeholder").count(), guest.sees()) == (embedded, nothing)

    guest.answers()
    guest.visit("/all")
    assert (guest.page.locator(".fcc-placeholder").count(), guest.sees()) == (embedded, nothing)


def test_twin_that_lacks_a_directive(play: Callable[..., Stage]) -> None:
    """A declaration with its script's host alone is blocked in every other directive, and the check says which."""
    hosts = {"script-src": OWN.service.hosts["script-src"]}
    poorer = replace(OWN, service=replace(OWN.service, hosts=hosts))

    found = problems_of(play(poorer), poorer, OWN_FACTS)

    wanted = set(OWN_FACTS["hosts"]) - {"script-src", "style-src"} | {"style-src-elem"}
    assert {each for each in wanted if any(f"blocked: ('{each}'" in one for one in found)} == wanted


def test_twin_that_forgets_a_cookie(play: Callable[..., Stage]) -> None:
    """A cookie that is not declared stays in the browser."""
    forgetful = replace(OWN, service=replace(OWN.service, cookies=()))
    facts = OWN_FACTS | {"hosts": {"script-src": OWN_FACTS["hosts"]["script-src"]}}

    assert problems_of(play(forgetful), forgetful, facts) == ["cookies after withdrawal: stand_1"]


def test_twin_whose_frame_leads_elsewhere(play: Callable[..., Stage]) -> None:
    """A host that a frame is redirected to has to be declared like its first, and a frame has to tell its page."""
    sample = next(each for each in SAMPLES if frame_of(each) is not None)
    sources = [*sample.service.hosts["frame-src"], "https://elsewhere.example"]
    facts = {"hosts": {"frame-src": sources}, "cookies": [], "doubts": []}

    stage = play(sample)

    @stage.site.app.after_request
    def tell_nothing(response: Response) -> Response:
        if not response.direct_passthrough:
            response.set_data(response.get_data().replace(b" referrerpolicy=", b" data-forgotten="))
        return response

    found = problems_of(stage, sample, facts)
    assert {"not asked: elsewhere.example", "frame without the origin of its page"} <= set(found)


def test_twin_that_loads_before_consent(play: Callable[..., Stage]) -> None:
    """A necessary service is asked for at once, so the check of an early page can see one."""
    early = Sample(replace(OWN.service, category="necessary", purpose="booking", justification="It is not."), OWN.embed)
    stage = play(early)
    stage.provides(early, OWN_FACTS)
    guest = stage.guest
    guest.forgets()
    guest.visit("/of/bandstand")
    finish(guest, early)

    assert guest.sees().contacted == asked_by_facts(early, OWN_FACTS)


def test_host_name_of_the_site() -> None:
    """The samples' hosts are others' hosts, or nothing above would be foreign."""
    assert not any(HOST in each for one in EVERYONE for sources in one.service.hosts.values() for each in sources)
