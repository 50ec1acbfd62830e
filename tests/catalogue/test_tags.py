"""Script tags of analytics, advertising and chat: loader data, the generic loader in Node, and factory parameters."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from flask_cookieconsent import Provider, Tag, catalogue
from flask_cookieconsent.catalogue import (
    crisp,
    fathom,
    google_ads,
    google_analytics,
    google_tag_manager,
    hotjar,
    hubspot,
    intercom,
    linkedin_insight,
    matomo,
    meta_pixel,
    microsoft_clarity,
    pinterest_tag,
    plausible,
    tiktok_pixel,
    umami,
    x_pixel,
)
from flask_cookieconsent.core.consent import NOTHING_CHOSEN, Consent, choose
from flask_cookieconsent.core.decision import OptOutSignals, decide
from flask_cookieconsent.core.registry import CookieIndex, Registry, build
from flask_cookieconsent.core.services import Answer, Queue, Service
from flask_cookieconsent.errors import RegistryError
from flask_cookieconsent.pages.loaders import loader_data
from tests.kit.facts import DATA
from tests.kit.samples import refusal
from tests.kit.sites import NOON, make_site, own, soup_of

STATS = Provider(name="Ecom BV", country="BE", privacy_policy="https://ecom.example/privacy")
LOADERS = {
    name: files("flask_cookieconsent").joinpath("static", name).read_text("utf-8") for name in ("tag.js", "google.js")
}
# A page with nothing in it but what a loader may touch.
PAGE = """
const { tags, before, later, withdrawn, changes } = JSON.parse(require("fs").readFileSync(0, "utf8"));
const vm = require("vm");
const scripts = [], heard = [];
const page = { URL, URLSearchParams, HTMLScriptElement: class {}, location: { protocol: "https:" }, document: {
  scripts, currentScript: null,
  get styleSheets() { return scripts.filter((each) => each.rel === "stylesheet"); },
  createElement: () => ({
    attributes: {}, listeners: [],
    addEventListener(name, listener) { if (name === "load") this.listeners.push(listener); },
    come() { for (const listener of this.listeners.splice(0)) listener(); },
    setAttribute(name, value) { this.attributes[name] = value; },
    getAttribute(name) { return this.attributes[name] ?? null; },
  }),
  head: { append: (node) => scripts.push(node) },
  addEventListener: (name, listener) => heard.push([name, listener]),
} };
page.window = page;
vm.createContext(page);
if (before) vm.runInContext(before, page);
for (const { text, dataset, src } of tags) {
  const script = { dataset, src, nonce: "n0nce" };
  page.document.currentScript = Object.assign(new page.HTMLScriptElement(), script);
  vm.runInContext(text, page);
}
const seen = ["src", "async", "nonce", "attributes", "rel", "href"];
const added = scripts.map((each) => Object.fromEntries(seen.map((name) => [name, each[name]])));
for (const detail of changes ?? (withdrawn ? [{ allowed: [], granted: [], withdrawn }] : [])) {
  for (const [name, listener] of heard) if (name === "cookieconsent:change") listener({ detail });
}
process.stdout.write(JSON.stringify({ added, result: vm.runInContext(later, page) }));
"""


def registry_of(*services: Service) -> Registry:
    """Return a registry in which every category exists."""
    others = [own(f"own_{each}", each) for each in ("functionality", "tracking", "performance", "third_party")]
    always = own("always", "necessary", justification="It is needed.")
    return build([always, *others, *services])


def datasets(
    *services: Service, granted: tuple[str, ...] | None = None, beside: tuple[Service, ...] = ()
) -> list[dict[str, Any]]:
    """Return what the loaders of some services find in their `data-` attributes, on a site with others *beside*."""
    registry = registry_of(*services, *beside)
    allowed = registry.optional if granted is None else granted
    grants = {each: registry.declaration_digests[each] for each in allowed}
    refused = frozenset(set(registry.optional) - set(grants))
    decision = decide(registry, Consent(grants, refused, NOON.date()), OptOutSignals(gpc=False, dnt=False), NOON.date())
    found = []
    for service in services:
        assert service.tag is not None
        tag = loader_data(service, service.tag, decision)
        data = {re.sub("-(.)", lambda match: match[1].upper(), name): value for name, value in tag["data"].items()}
        src = f"https://a.example/cookies/static/1/{tag['loader']}"
        found.append({"text": LOADERS[tag["loader"]], "dataset": data, "src": src})
    return found


def run(*services: Service, later: str, before: str = "", granted: Any = None, **more: Any) -> dict[str, Any]:
    """Run the loaders of some services in Node, and return the scripts they added and what an expression is then."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("loaders are run by Node, which is not installed")
    beside = more.pop("beside", ())
    tags = more.pop("tags", None) or datasets(*services, granted=granted, beside=beside)
    sent = {"tags": tags, "before": before, "later": later} | more
    done = subprocess.run([node, "-e", PAGE], input=json.dumps(sent), capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


# -- what each vendor finds --------------------------------------------------------------------------------------------

POSTHOG = "phc_dfXxhHWDv58ksBdMZkfWhu3oiqAycGWb0zyI4bN3Crg"
MIXPANEL = "ff0b2d9ca2c9fbe551a420ae63bb7da2"

FOUND: tuple[tuple[Service, str, Any, Mapping[str, str]], ...] = (
    (
        matomo("https://example.matomo.cloud/", "7"),
        "_paq",
        [
            ["requireCookieConsent"],
            ["setCookieConsentGiven"],
            ["setTrackerUrl", "https://example.matomo.cloud/matomo.php"],
            ["setSiteId", "7"],
            ["trackPageView"],
            ["enableLinkTracking"],
        ],
        {},
    ),
    (plausible("pa-6_srOGVV9SLMWJ1ZpUAbG"), "[typeof plausible, plausible.o]", ["function", {}], {}),
    (
        plausible(domain="example.org", host="https://stats.example.org", provider=STATS),
        "typeof plausible",
        "function",
        {"data-domain": "example.org"},
    ),
    (
        umami("94db1cb1-74f4-4a40-ad6c-962362670409"),
        "0",
        0,
        {"data-website-id": "94db1cb1-74f4-4a40-ad6c-962362670409", "data-do-not-track": "true"},
    ),
    (fathom("ABCDEFGH"), "0", 0, {"data-site": "ABCDEFGH", "data-honor-dnt": "true"}),
    (hotjar("1234567"), "[_hjSettings, typeof hj, hj.q]", [{"hjid": 1234567, "hjsv": 6}, "function", []], {}),
    (
        microsoft_clarity("abcdef1234"),
        "clarity.q",
        [["consentv2", {"ad_Storage": "denied", "analytics_Storage": "granted"}]],
        {},
    ),
    (
        meta_pixel("1234567890123456"),
        "[fbq.queue, fbq.loaded, fbq.version, fbq.push === fbq, _fbq === fbq]",
        [
            [["consent", "grant"], ["init", "1234567890123456"], ["trackSingle", "1234567890123456", "PageView"]],
            True,
            "2.0",
            True,
            True,
        ],
        {},
    ),
    (
        linkedin_insight("123456"),
        "[_linkedin_partner_id, _linkedin_data_partner_ids, lintrk.q]",
        ["123456", ["123456"], []],
        {},
    ),
    (x_pixel("o1abc"), "[twq.queue, twq.version]", [[["config", "o1abc"]], "1.1"], {}),
    (
        tiktok_pixel("C4A1B2C3D4E5F6G7H8I0"),
        "[TiktokAnalyticsObject, ttq, ttq._i, ttq._i.C4A1B2C3D4E5F6G7H8I0._u, ttq._o, typeof ttq.identify]",
        [
            "ttq",
            [["grantConsent"], ["page"]],
            {"C4A1B2C3D4E5F6G7H8I0": []},
            "https://analytics.tiktok.com/i18n/pixel/events.js",
            {"C4A1B2C3D4E5F6G7H8I0": {}},
            "function",
        ],
        {},
    ),
    (
        pinterest_tag("2612345678901"),
        "[pintrk.queue, pintrk.version]",
        [[["load", "2612345678901"], ["setconsent", True], ["page"]], "3.0"],
        {},
    ),
    (
        intercom("abc12345", region="eu"),
        "[intercomSettings, Intercom.q]",
        [{"app_id": "abc12345", "api_base": "https://api-iam.eu.intercom.io"}, []],
        {},
    ),
    (
        crisp("7598bf86-9ebb-46bc-8c61-be8929bbf93d"),
        "[CRISP_WEBSITE_ID, $crisp]",
        ["7598bf86-9ebb-46bc-8c61-be8929bbf93d", [["safe", True]]],
        {},
    ),
    (
        hubspot("12345678", region="eu1"),
        "[_hsp, _hsq, disableHubSpotCookieBanner]",
        [[["setHubSpotConsent", {"analytics": True, "advertisement": False, "functionality": True}]], [], True],
        {"id": "hs-script-loader"},
    ),
    (
        catalogue.posthog(POSTHOG, region="eu"),
        "[posthog.__SV, posthog._i, typeof posthog.capture]",
        [1, [[POSTHOG, {"api_host": "https://eu.i.posthog.com", "defaults": "2026-01-30"}, "posthog"]], "function"],
        {"crossorigin": "anonymous"},
    ),
    (
        catalogue.mixpanel(MIXPANEL, region="eu"),
        "[mixpanel.__SV, mixpanel._i, typeof mixpanel.track]",
        [
            1.2,
            [[MIXPANEL, {"api_host": "https://api-eu.mixpanel.com", "track_pageview": True}, "mixpanel"]],
            "function",
        ],
        {},
    ),
    (
        catalogue.criteo_onetag("12345"),
        "criteo_q",
        [{"event": "setAccount", "account": 12345}, {"event": "setSiteType", "type": "d"}, {"event": "viewPage"}],
        {},
    ),
    (
        catalogue.snap_pixel("7598bf86-9ebb-46bc-8c61-be8929bbf93d"),
        "[snaptr.queue, snaptr.loaded, snaptr.version, snaptr.push === snaptr, _snaptr === snaptr]",
        [[["init", "7598bf86-9ebb-46bc-8c61-be8929bbf93d"], ["track", "PAGE_VIEW"]], True, "1.0", True, True],
        {},
    ),
    (
        catalogue.reddit_pixel("t2_abcdef"),
        "rdt.callQueue",
        [["enableFirstPartyCookies"], ["init", "t2_abcdef"], ["track", "PageVisit"]],
        {},
    ),
    (
        catalogue.cloudflare_web_analytics("0123456789abcdef0123456789abcdef"),
        "0",
        0,
        {"data-cf-beacon": '{"token": "0123456789abcdef0123456789abcdef", "spa": true}'},
    ),
    (
        catalogue.piano_analytics("123456789", "https://abcdefg.pa-cd.com"),
        "typeof pa",
        "undefined",
        {
            "crossorigin": "anonymous",
            "data-config": '{"site": 123456789, "collectDomain": "https://abcdefg.pa-cd.com",'
            ' "consentDefaultMode": "opt-in"}',
        },
    ),
    (catalogue.yandex_metrica("12345678", webvisor=True), "ym.a[0][2].webvisor", True, {}),
)
each_vendor = pytest.mark.parametrize(
    ("service", "later", "found", "attributes"), FOUND, ids=[f"{row[0].id}-{n}" for n, row in enumerate(FOUND)]
)


@each_vendor
def test_vendor_finds_what_it_expects(service: Service, later: str, found: Any, attributes: Mapping[str, str]) -> None:
    """G5: the queue with the calls before the page view, and one script with the page's nonce, from a declared host."""
    assert service.tag is not None
    page = run(service, later=later)

    assert page["result"] == found
    assert page["added"] == [{"src": service.tag.src, "async": True, "nonce": "n0nce", "attributes": dict(attributes)}]


WITHDRAWN = (
    (
        microsoft_clarity("abcdef1234"),
        "clarity.q",
        ["consentv2", {"ad_Storage": "denied", "analytics_Storage": "denied"}],
    ),
    (meta_pixel("1234567890123456"), "fbq.queue", ["consent", "revoke"]),
    (tiktok_pixel("C4A1B2C3D4E5F6G7H8I0"), "ttq", ["disableCookie"]),
    (matomo("https://example.matomo.cloud/", "7"), "_paq", ["disableCookies"]),
    (intercom("abc12345", region="eu"), "Intercom.q", ["shutdown"]),
    (crisp("7598bf86-9ebb-46bc-8c61-be8929bbf93d"), "$crisp", ["do", "session:reset"]),
    (pinterest_tag("2612345678901"), "pintrk.queue", ["setconsent", False]),
    (hubspot("12345678", region="eu1"), "_hsp", ["revokeCookieConsent"]),
    (hubspot("12345678", region="eu1"), "_hsq", ["doNotTrack"]),
    (catalogue.posthog(POSTHOG, region="eu"), "posthog", ["opt_out_capturing"]),
    (catalogue.mixpanel(MIXPANEL, region="eu"), "mixpanel", ["opt_out_tracking"]),
    (catalogue.reddit_pixel("t2_abcdef"), "rdt.callQueue", ["disableFirstPartyCookies"]),
    (catalogue.fullstory("o-1ABCD-na1"), "FS.q", ["shutdown"]),
    (catalogue.optimizely("28007920049"), "[optimizely]", [{"type": "optOut", "isOptOut": True}]),
)


@pytest.mark.parametrize(
    ("service", "queue", "last"), WITHDRAWN, ids=[f"{each[0].id}-{each[2][0]}" for each in WITHDRAWN]
)
def test_withdrawal_is_told(service: Service, queue: str, last: list[Any]) -> None:
    """E3: with the press that takes consent away, of all or of this one, the vendor is told before the page goes."""
    told_ = {
        name: run(service, later=f"{queue}.at(-1)", withdrawn=detail).get("result")
        for name, detail in (("all", ["youtube", service.id]), ("this", [service.id]), ("another", ["youtube"]))
    }

    assert told_["all"] == told_["this"] == last
    assert told_["another"] != last


def test_clarity_learns_the_real_answer() -> None:
    """G5: advertising is denied where only recording was allowed."""
    clarity = microsoft_clarity("abcdef1234")
    assert clarity.provider is not None
    audiences = Service(id="audiences", name="A", category="tracking", purpose="advertising", provider=clarity.provider)

    def told(*services: Service, granted: Any = None) -> Any:
        return run(clarity, beside=services, later="clarity.q.map((each) => each[1].ad_Storage)", granted=granted)[
            "result"
        ]

    assert told() == ["denied"]
    assert told(audiences) == ["granted"]
    assert told(audiences, granted=("microsoft_clarity",)) == ["denied"]
    assert told(meta_pixel("1234567890123456")) == ["denied"], "advertising of another company says nothing"


def test_answer_twin() -> None:
    """A tag that writes the answer down itself grants what nobody allowed."""
    careless = replace(
        microsoft_clarity("abcdef1234"),
        tag=Tag(src="https://www.clarity.ms/tag/a", queue=Queue(name="c", calls="q"), calls=(({"ad": "granted"},),)),
    )
    careful = replace(
        careless,
        tag=Tag(
            src="https://www.clarity.ms/tag/a",
            queue=Queue(name="c", calls="q"),
            calls=(({"ad": Answer(name="tracking", denied=False)},),),
        ),
    )

    assert run(careless, later="c.q", granted=())["result"] == [[{"ad": "granted"}]]
    assert run(careful, later="c.q", granted=())["result"] == [[{"ad": False}]]


def test_two_accounts_share_one_script() -> None:
    """Both are started, in one queue, and the library is loaded once."""
    second = meta_pixel("6543210987654321", id="second")
    page = run(meta_pixel("1234567890123456"), second, later="fbq.queue.filter(([name]) => name === 'init')")
    assert page["result"] == [["init", "1234567890123456"], ["init", "6543210987654321"]]
    assert len(page["added"]) == 1

    both = run(linkedin_insight("123456"), linkedin_insight("654321", id="b"), later="_linkedin_data_partner_ids")
    assert both["result"] == ["123456", "654321"]
    two = run(
        tiktok_pixel("C4A1B2C3D4E5F6G7H8I0"),
        tiktok_pixel("D4A1B2C3D4E5F6G7H8I0", id="b"),
        later="Object.keys(ttq._i)",
    )
    assert (two["result"], len(two["added"])) == (["C4A1B2C3D4E5F6G7H8I0", "D4A1B2C3D4E5F6G7H8I0"], 2)


def test_two_accounts_by_attributes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A script that reads its account from its element is loaded for each account, and for each once."""
    first, other = "94db1cb1-74f4-4a40-ad6c-962362670409", "84db1cb1-74f4-4a40-ad6c-962362670408"
    three = (umami(first), umami(other, id="second"), umami(first, id="third"))

    def loaded() -> list[str]:
        return [each["attributes"]["data-website-id"] for each in run(*three, later="0")["added"]]

    assert loaded() == [first, other]
    monkeypatch.setitem(LOADERS, "tag.js", LOADERS["tag.js"].replace(" && isSame(each)", ""))
    assert loaded() == [first], "the twin counts nothing for the second"


def test_library_takes_the_queue_over() -> None:
    """Once the vendor's script has come, calls go to its own function."""
    later = "twq.exe = (...call) => { twq.last = call }, twq('event', 'x'), [twq.last, twq.queue.length]"

    assert run(x_pixel("o1abc"), later=later)["result"] == [["event", "x"], 1]


def test_site_that_has_the_vendor_already() -> None:
    """What is there is not replaced."""
    page = run(crisp("7598bf86-9ebb-46bc-8c61-be8929bbf93d"), before="var $crisp = [['mine']]", later="$crisp")

    assert page["result"] == [["mine"], ["safe", True]]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (x_pixel("o1abc"), x_pixel("o2abc", id="b"), "twq.queue"),
        (pinterest_tag("2612345678901"), pinterest_tag("2612345678902", id="b"), "pintrk.queue"),
        (meta_pixel("1234567890123456"), meta_pixel("6543210987654321", id="b"), "fbq.queue"),
    ],
    ids=lambda each: getattr(each, "id", None),
)
def test_two_accounts_make_the_calls_of_each(
    first: Service, second: Service, kept: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the page tells the vendor is what each account would have told alone, and one library reads it."""
    alone = [run(each, later=kept)["result"] for each in (first, second)]

    def both() -> tuple[Any, int]:
        page = run(first, second, later=kept)
        return page["result"], len(page["added"])

    assert both() == (alone[0] + alone[1], 1)
    monkeypatch.setitem(
        LOADERS, "tag.js", LOADERS["tag.js"].replace("define(queue.name, made)", "window[queue.name] = made()")
    )
    assert both() == (alone[1], 1), "the twin forgets the first"


def test_moment_of_the_start() -> None:
    """TikTok reads from each account when it was started."""
    age = run(tiktok_pixel("C4A1B2C3D4E5F6G7H8I0"), later="Date.now() - ttq._t.C4A1B2C3D4E5F6G7H8I0")["result"]

    assert 0 <= age < 60_000


def test_account_that_has_calls_already(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for an account, put there by the site, is not thrown away."""
    pixel = tiktok_pixel("C4A1B2C3D4E5F6G7H8I0")
    before = (
        "var ttq = Object.assign([], { page() {}, grantConsent() {}, _i: { C4A1B2C3D4E5F6G7H8I0: [['track', 'x']] } })"
    )

    def waiting() -> Any:
        return run(pixel, before=before, later="ttq._i.C4A1B2C3D4E5F6G7H8I0")["result"]

    assert waiting() == [["track", "x"]]
    monkeypatch.setitem(
        LOADERS, "tag.js", LOADERS["tag.js"].replace("[name] ??= value;\n  };", "[name] = value;\n  };")
    )
    assert waiting() == [], "the twin throws it away"


# -- once the script has come ------------------------------------------------------------------------------------------

SCRIPT = "https://late.example/late.js"
COME = "document.scripts.forEach((each) => each.come())"


def late(id: str = "late", **more: Any) -> Service:
    """Return a service of a site's own whose script defines what its recipe speaks of."""
    return own(id, "tracking", tag=Tag(**{"src": SCRIPT} | more))


def test_calls_once_the_script_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """In their order, as methods of what they belong to, and none before."""
    service = late(after=(("late.start", "7", {"a": [1]}), ("late.deep.page",), ("late.gone.page",), ("gone",)))
    later = f"""
      const told = [];
      const early = typeof late;
      globalThis.late = {{ name: "L", start(...given) {{ told.push([this.name, ...given]); }} }};
      late.deep = {{ page() {{ told.push(this === late.deep); }} }};
      {COME};
      [early, told];
    """
    expected = ["undefined", [["L", "7", {"a": [1]}], True]]

    assert run(service, later=later)["result"] == expected
    monkeypatch.setitem(LOADERS, "tag.js", LOADERS["tag.js"].replace("constructs || after.length", "constructs"))
    assert run(service, later=later)["result"] == ["undefined", []], "the twin waits for nothing"


def test_second_account_of_a_script_that_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is started once, the second at once, because its script is there already."""
    start = {"text": f"var told = [], late = (id) => told.push(id); {COME}", "dataset": {}, "src": ""}
    services = [late(id, after=(("late", id),)) for id in ("late", "later")]

    def told() -> list[str]:
        first, second = datasets(*services)
        result: list[str] = run(*services, tags=[first, start, second], later="told")["result"]
        return result

    assert told() == ["late", "later"]
    monkeypatch.setitem(
        LOADERS, "tag.js", LOADERS["tag.js"].replace("if (come.has(library)) finish();\n  else if", "if")
    )
    assert told() == ["late"], "the twin waits for what is there"


def test_two_accounts_that_wait_for_one_script() -> None:
    services = [late(id, after=(("late", id),)) for id in ("late", "later")]
    page = run(*services, later=f"var told = [], late = (id) => told.push(id); {COME}; told")

    assert (page["result"], len(page["added"])) == (["late", "later"], 1)


UET_TAG = catalogue.microsoft_uet("12345678")
UET = """
  globalThis.UET = class {
    constructor(given) { this.given = given; this.told = []; }
    push(...call) { this.told.push(call); }
  }
"""


def test_object_of_a_script(monkeypatch: pytest.MonkeyPatch) -> None:
    """Microsoft's tag: what the page has told until then is handed over, what comes after is pushed to the object."""
    later = f"const before = [...uetq]; {UET}; {COME}; [before, uetq.given, uetq.told]"
    told = ["consent", "default", {"ad_storage": "granted"}]
    given = {"ti": "12345678", "enableAutoSpaTracking": True}

    assert run(UET_TAG, later=later)["result"] == [told, given | {"q": told}, [["pageLoad"]]]
    monkeypatch.setitem(LOADERS, "tag.js", LOADERS["tag.js"].replace("[keeps]: window[name]", ""))
    assert run(UET_TAG, later=later)["result"] == [told, given, [["pageLoad"]]], "the twin forgets what was told"


def test_script_that_a_blocker_has_emptied(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is made of it, and nothing breaks."""
    told = ["consent", "default", {"ad_storage": "granted"}]

    assert run(UET_TAG, later=f"{COME}; uetq")["result"] == [*told, "pageLoad"]
    monkeypatch.setitem(
        LOADERS, "tag.js", LOADERS["tag.js"].replace('typeof window[constructs?.of] === "function"', "constructs")
    )
    with pytest.raises(subprocess.CalledProcessError):
        run(UET_TAG, later=f"{COME}; uetq")


def test_object_learns_of_a_withdrawal() -> None:
    """E3: one argument after the other, as its queue takes them; a queue of another kind gets each call as one."""
    told = ["consent", "update", {"ad_storage": "denied"}]
    one_by_one, as_one = (
        late(queue=Queue(name="q", spreads=spreads), calls=(told,), withdrawn=(told,)) for spreads in (True, False)
    )

    assert run(UET_TAG, later="uetq.slice(3)", withdrawn=["microsoft_uet"])["result"] == told
    assert run(UET_TAG, later="uetq.slice(3)", withdrawn=["late"])["result"] == []
    assert run(one_by_one, later="q", withdrawn=["late"])["result"] == told + told
    assert run(as_one, later="q", withdrawn=["late"])["result"] == [told, told]


def test_withdrawal_without_a_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """E3: the vendor's function is called where its script has come, and nothing is where it has not."""
    service = late(withdrawn=(("late.stop", True),))
    before = "var told = [], late = { stop(...given) { told.push(this === late, ...given); } }"

    assert run(service, before=before, later="told", withdrawn=["late"])["result"] == [True, True]
    assert run(service, before=before, later="told", withdrawn=["another"])["result"] == []
    assert run(service, later="typeof late", withdrawn=["late"])["result"] == "undefined"
    monkeypatch.setitem(LOADERS, "tag.js", LOADERS["tag.js"].replace("queue ? call : invoke", "call"))
    with pytest.raises(subprocess.CalledProcessError):
        run(service, before=before, later="told", withdrawn=["late"])


def test_style_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is in the page once, with its nonce; a service of nothing but style sheets adds no script."""
    sheets = ("https://late.example/a.css", "https://late.example/b.css")
    both = (late(src="", styles=sheets), late("later", src="", styles=sheets[:1]))

    def added() -> list[Any]:
        return [
            (each.get("rel"), each.get("href"), each["nonce"], each.get("src"))
            for each in run(*both, later="0")["added"]
        ]

    assert added() == [("stylesheet", href, "n0nce", None) for href in sheets]
    monkeypatch.setitem(LOADERS, "tag.js", LOADERS["tag.js"].replace("if (!isThere) adopt", "adopt"))
    assert len(added()) == 3, "the twin asks for one twice"


def test_loader_of_the_site() -> None:
    """It is the site's own file, with its data, where the service is allowed; one of ours has our address."""
    tag = Tag(loader="/static/mine.js", data={"id": "7"})
    site = make_site(services=[own("mine", "tracking", tag=tag), late(data={"id": "8"})])
    visitor = site.visitor()
    assert soup_of(visitor.get("/about")).select("script[data-id]") == []
    visitor.choose("accept")
    mine, ours = soup_of(visitor.get("/about")).select("script[data-id]")

    assert (mine["src"], mine["data-id"], mine["data-service"]) == ("/static/mine.js", "7", "mine")
    assert "data-recipe" not in mine.attrs and "data-recipe" in ours.attrs
    assert str(ours["src"]).endswith("/tag.js") and str(ours["src"]) != "/tag.js"


# -- Google ------------------------------------------------------------------------------------------------------------


def test_google_ads_and_analytics_answer_each_for_itself() -> None:
    """G5: one queue and one library; what only one of them may is granted by that one, and nothing twice."""
    ads, counts = google_ads("AW-123456789"), google_analytics("G-ABC1234567")
    calls = "dataLayer.map((call) => Array.from(call)).filter(([name]) => name === 'consent' || name === 'config')"
    page = run(ads, counts, later=calls, granted=("google_ads", "google_analytics"))
    updates = [call[2] for call in page["result"] if call[:2] == ["consent", "update"]]

    assert [call[1] for call in page["result"]] == ["default", "update", "AW-123456789", "update", "G-ABC1234567"]
    assert (updates[0]["ad_storage"], updates[0]["analytics_storage"]) == ("granted", "denied")
    assert updates[1] == {"analytics_storage": "granted"}
    assert len(page["added"]) == 1
    assert page["added"][0]["src"] == "https://www.googletagmanager.com/gtag/js?id=AW-123456789"
    assert "cookie_expires" not in page["result"][2][2]


def test_google_ads_alone_says_nothing_of_analytics() -> None:
    calls = "dataLayer.map((call) => Array.from(call)).filter(([name, what]) => what === 'update')"
    page = run(google_ads("AW-123456789"), later=calls, granted=("google_ads",))

    assert page["result"][0][2]["analytics_storage"] == "denied"


@pytest.mark.parametrize("service", [google_ads("AW-123456789"), google_tag_manager("GTM-ABC1234")])
def test_withdrawal_from_google(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """E3: at the press clicks are withheld before everything is denied, and nothing when another is taken away."""
    later = "dataLayer.filter((each) => each.length).slice(-2).map((call) => Array.from(call).slice(0, 2))"
    redacted = [["set", "ads_data_redaction"], ["consent", "update"]]

    assert run(service, later=later, withdrawn=["youtube", service.id])["result"] == redacted
    assert run(service, later=later, withdrawn=[service.id])["result"] == redacted
    assert run(service, later=later, withdrawn=["youtube"])["result"] != redacted
    broken = LOADERS["google.js"].replace('push("set", "ads_data_redaction", answer === "denied");', ";")
    monkeypatch.setitem(LOADERS, "google.js", broken)
    assert run(service, later=later, withdrawn=[service.id])["result"] != redacted


@pytest.mark.parametrize("name", ["_gcl_au", "_gcl_aw", "_gcl_gs"])
def test_cookies_of_linked_accounts(name: str) -> None:
    """E4: Ads and Analytics, in two categories, both set them; they go once neither is allowed."""
    registry = registry_of(google_ads("AW-123456789"), google_analytics("G-ABC1234567"))

    def denied(*granted: str) -> bool:
        consent = choose(NOTHING_CHOSEN, registry, granted, today=NOON.date(), gpc=False)
        decision = decide(registry, consent, OptOutSignals(), NOON.date())
        return CookieIndex(registry).is_denied(name, decision.allowed)

    assert denied()
    assert not denied("google_ads")
    assert not denied("google_analytics")


def test_cookies_of_linked_accounts_twin() -> None:
    """With the beginning that Analytics declares, Ads could not be in another category."""
    ads, analytics = google_ads("AW-123456789"), google_analytics("G-ABC1234567")
    family = [cookie for cookie in analytics.cookies if cookie.name == "_gcl_*"]

    with pytest.raises(RegistryError, match="also declared in category"):
        registry_of(analytics, replace(ads, cookies=(*ads.cookies, *family)))


def test_newer_account_of_hotjar() -> None:
    """It has another script and other hosts, which an older account does not open."""
    newer, older = hotjar(contentsquare_tag="0123456789abc"), hotjar("1234567")
    page = run(newer, later="[typeof hj, typeof _hjSettings]")

    assert page["result"] == ["undefined", "undefined"]
    assert [each["src"] for each in page["added"]] == ["https://t.contentsquare.net/uxa/0123456789abc.js"]
    assert "https://app.contentsquare.com" in newer.hosts["script-src"]
    assert "contentsquare.com" not in str(older.hosts)
    with pytest.raises(ValueError, match="contentsquare_tag: found '0123456789abc' beside a site_id, wanted one"):
        hotjar("1234567", contentsquare_tag="0123456789abc")


@pytest.mark.parametrize("found", ["012345678", "0" * 17, "0123456789ABC", "0123456789\n", "a/../b" * 2])
def test_tag_of_contentsquare(found: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"contentsquare_tag: found {found!r}, wanted one such as")):
        hotjar(contentsquare_tag=found)


@pytest.mark.parametrize("service", [hotjar("1234567"), microsoft_clarity("abcdef1234")])
def test_nothing_weakens_the_policy(service: Service) -> None:
    """A doubt says what may look different under a strict Content-Security-Policy."""
    assert any("strict Content-Security-Policy" in doubt["about"] for doubt in DATA[service.id]["doubts"])
    assert "unsafe" not in str(service.hosts)


def test_google_ads_beside_analytics() -> None:
    """A site with both is sound, though both know the cookies of a click."""
    registry = registry_of(google_ads("AW-123456789"), google_analytics("G-ABC1234567"))

    assert {"google_ads", "google_analytics"} <= set(registry.services)


def test_google_tag_manager() -> None:
    """G5: consent is in the layer before the container starts; the environment and another layer are kept."""
    container = google_tag_manager(
        "GTM-ABC1234", data_layer="layer2", environment="gtm_auth=a-b_c&gtm_preview=env-3", category="performance"
    )
    page = run(container, later="layer2.map((each) => Array.from(each)[0] || each.event)")

    assert page["result"] == ["consent", "consent", "set", "set", "js", "gtm.js"]
    assert page["added"][0]["src"] == (
        "https://www.googletagmanager.com/gtm.js"
        "?id=GTM-ABC1234&l=layer2&gtm_auth=a-b_c&gtm_preview=env-3&gtm_cookies_win=x"
    )
    denied = run(container, later="Array.from(layer2.at(-1))", withdrawn=[container.id])["result"]
    assert denied[:2] == ["consent", "update"]
    assert {each for name, each in denied[2].items() if name != "security_storage"} == {"denied"}


def test_two_containers() -> None:
    """Each has its own library, and consent is set once."""
    page = run(
        google_tag_manager("GTM-ABC1234"),
        google_tag_manager("GTM-XYZ1234", id="b"),
        later="dataLayer.filter((each) => each[0] === 'consent').length",
    )

    assert (page["result"], len(page["added"])) == (2, 2)


def test_tagging_server() -> None:
    """Its origin is opened, its cookies are known, and the tag is told."""
    service = google_analytics(
        "G-ABC1234567", server_container_url="https://sgtm.example.org/x", cookie_domain="example.org"
    )
    config = run(service, later="Array.from(dataLayer.at(-1))[2]")["result"]

    assert "https://sgtm.example.org" in service.hosts["script-src"]
    assert "https://sgtm.example.org" in service.hosts["connect-src"]
    assert {"FPID", "FPLC"} <= {cookie.name for cookie in service.cookies}
    assert (config["server_container_url"], config["cookie_domain"]) == ("https://sgtm.example.org/x", "example.org")
    assert "FPID" not in {cookie.name for cookie in google_analytics("G-ABC1234567").cookies}


# -- what owners give --------------------------------------------------------------------------------------------------

MAKERS: Mapping[Any, tuple[str, str]] = {
    google_analytics: ("measurement_id", "G-ABC1234567"),
    google_ads: ("conversion_id", "AW-123456789"),
    google_tag_manager: ("container_id", "GTM-ABC1234"),
    umami: ("website_id", "94db1cb1-74f4-4a40-ad6c-962362670409"),
    fathom: ("site_id", "ABCDEFGH"),
    hotjar: ("site_id", "1234567"),
    microsoft_clarity: ("project_id", "abcdef1234"),
    meta_pixel: ("pixel_id", "1234567890123456"),
    linkedin_insight: ("partner_id", "123456"),
    x_pixel: ("pixel_id", "o1abc"),
    tiktok_pixel: ("pixel_id", "C4A1B2C3D4E5F6G7H8I0"),
    pinterest_tag: ("tag_id", "2612345678901"),
    intercom: ("app_id", "abc12345"),
    crisp: ("website_id", "7598bf86-9ebb-46bc-8c61-be8929bbf93d"),
    hubspot: ("portal_id", "12345678"),
    plausible: ("script_id", "pa-6_srOGVV9SLMWJ1ZpUAbG"),
}
OPTIONS: tuple[tuple[Any, str, Any], ...] = (
    *((google_analytics, "cookie_domain", each) for each in ("a b", "*", "none\n", ".example.org")),
    *((google_analytics, "server_container_url", each) for each in ("http://a.example", "https://a", "javascript:x")),
    *((google_tag_manager, "data_layer", each) for each in ("1a", "a-b", "a;alert(1)")),
    *((google_tag_manager, "environment", each) for each in ("gtm_auth=a", "gtm_auth=a&gtm_preview=env-3&x=y")),
    *(
        (plausible, "host", each)
        for each in ("https://a.example/x y", "https://u@a.example", "https://a.example;", "https://a.example/x")
    ),
    *((umami, "script_url", each) for each in ("https://a.example/x", "//a.example/x.js", "https://a.example/x.js?y")),
    (umami, "host_url", "https://a.example\n"),
    (fathom, "script_url", "http://a.example/x.js"),
    (hotjar, "snippet_version", "x"),
    (tiktok_pixel, "region", "eu"),
    (intercom, "region", "mars"),
    (hubspot, "region", ""),
)


def _needed(make: Any) -> dict[str, str]:
    """Return what a service asks for besides an id: nobody can guess where an account is kept."""
    return {intercom: {"region": "eu"}, hubspot: {"region": "eu1"}}.get(make, {})


BAD_IDS = ("", " ", "x y", "\u0661\u0662\u0663\u0664", "'", '"><script>', "a;b", None, -1, 1.5)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_ids(make: Any) -> None:
    """What is no id is told at start-up, with what was found and what is wanted, and never reaches a page."""
    name, good = MAKERS[make]
    assert refusal(make, good, **_needed(make)) == ""
    for bad in (*BAD_IDS, good + "\n", " " + good, good + "'", good * 40):
        assert f"{name}: found {bad!r}, wanted one such as" in refusal(make, bad, **_needed(make))


NUMBERED: Mapping[Any, tuple[str, str]] = {
    meta_pixel: ("12345678901234567891", "fbq.queue[1][1]"),
    linkedin_insight: ("1234567", "_linkedin_data_partner_ids[0]"),
    pinterest_tag: ("9007199254740993", "pintrk.queue[0][1]"),
    tiktok_pixel: ("123456789012345678901234", "Object.keys(ttq._i)[0]"),
}


@pytest.mark.parametrize("make", NUMBERED, ids=lambda make: make.__name__)
def test_ids_that_are_numbers(make: Any) -> None:
    """An id given as a number arrives digit by digit, though scripts round numbers of more than fifteen."""
    text, where = NUMBERED[make]

    assert run(make(int(text)), later=where)["result"] == text


def test_ids_that_are_numbers_twin() -> None:
    """A tag that passes the number on counts for somebody else."""
    service = pinterest_tag("9007199254740993")
    assert service.tag is not None
    careless = replace(service, tag=replace(service.tag, calls=(("load", 9007199254740993),)))

    assert run(careless, later="pintrk.queue[0][1]")["result"] != 9007199254740993


@pytest.mark.parametrize(("make", "name", "bad"), OPTIONS, ids=lambda each: getattr(each, "__name__", repr(each)))
def test_options(make: Any, name: str, bad: Any) -> None:
    with pytest.raises(ValueError, match=f"^{name}: found "):
        make(MAKERS[make][1], **{name: bad})


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"url": "http://stats.example.org/", "provider": STATS}, "url"),
        ({"url": "https://stats.example.org/;x", "provider": STATS}, "url"),
        ({"url": "https://stats.example.org/"}, "provider"),
        ({"url": "https://example.matomo.cloud.evil.example/"}, "provider"),
        ({"url": "https://example.matomo.cloud/", "site_id": "0"}, "site_id"),
        ({"url": "https://example.matomo.cloud/", "script_url": "https://x.example/a"}, "script_url"),
        ({"url": "https://example.matomo.cloud/", "mode": "all"}, "mode"),
    ],
)
def test_matomo_parameters(options: dict[str, Any], wrong: str) -> None:
    with pytest.raises(ValueError, match=f"^{wrong}: found "):
        matomo(**{"site_id": "1"} | options)


def test_matomo_of_the_site() -> None:
    """Its own server, in a folder: origins in the policy, the folder in the tag, the company as the recipient."""
    service = matomo("https://stats.example.org/matomo", "3", provider=STATS, mode="cookieless")

    assert service.tag is not None
    assert service.tag.src == "https://stats.example.org/matomo/matomo.js"
    assert service.hosts["script-src"] == ("https://stats.example.org",)
    assert (service.provider, service.cookies) == (STATS, ())
    assert service.tag.calls[0] == ("disableCookies",)


def test_plausible_needs_a_site() -> None:
    with pytest.raises(ValueError, match="script_id: found '', wanted"):
        plausible()
    with pytest.raises(ValueError, match="domain: found"):
        plausible(domain="a b")
    with pytest.raises(ValueError, match="domain: found 'example.org' beside a script_id, wanted one of them"):
        plausible("pa-6_srOGVV9SLMWJ1ZpUAbG", domain="example.org")


OWN_SERVERS = (
    (plausible, {"host": "https://stats.example.org"}),
    (umami, {"script_url": "https://stats.example.org/script.js"}),
    (umami, {"host_url": "https://stats.example.org"}),
)


@pytest.mark.parametrize(("make", "options"), OWN_SERVERS)
def test_server_of_the_site(make: Any, options: Mapping[str, str]) -> None:
    """C1: who receives the counts is never guessed, and a vendor that receives none is not let through for them."""
    key = MAKERS[make][1]
    with pytest.raises(ValueError, match=r"^provider: found None, wanted the Provider\(…\) that runs the server"):
        make(key, **options)

    service = make(key, **options, provider=STATS)
    assert service.provider == STATS
    assert service.hosts["connect-src"] == ("https://stats.example.org",)
    assert "https://stats.example.org" not in str(make(key).hosts) and make(key).provider != STATS


def test_regions_of_intercom() -> None:
    """Only the hosts of a workspace's own region are opened."""
    hosts = {region: str(intercom("abc12345", region=region).hosts) for region in ("us", "eu", "au")}

    assert "europe" not in hosts["us"] and "australia" not in hosts["us"] and "nexus-websocket-a" in hosts["us"]
    assert "europe" in hosts["eu"] and "nexus-websocket-a" not in hosts["eu"]
    assert "australia" in hosts["au"] and ".eu" not in hosts["au"]


def test_recipe_is_safe_in_a_page() -> None:
    """What a recipe holds stays inside its attribute, whatever an owner's own service puts there."""
    service = replace(
        hotjar("1234567"),
        tag=Tag(src="https://static.hotjar.com/x.js", values={"x": "\"'><script>alert(1)</script>&quot;"}),
    )
    site = make_site(services=[service])
    visitor = site.visitor()
    visitor.choose("accept")
    page = soup_of(visitor.get("/about"))

    (script,) = page.select("script[src$='tag.js']")
    assert json.loads(str(script["data-recipe"]))["values"] == {"x": "\"'><script>alert(1)</script>&quot;"}
    assert not [each for each in page.select("script") if "alert" in each.text]
