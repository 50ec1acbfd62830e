"""Ready-made services: their declarations, their URL parsers, and the loader of Google Consent Mode."""

from __future__ import annotations

import json
import re
import shutil
import string
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flask_cookieconsent import catalogue
from flask_cookieconsent.catalogue import facebook, google_analytics, google_maps, linkedin, x, youtube
from flask_cookieconsent.core.defaults import EMBEDS as KINDS
from flask_cookieconsent.core.kinds import SHAPES
from flask_cookieconsent.core.registry import CookieIndex, build
from flask_cookieconsent.core.services import Answer, Cookie, Frame, Service
from tests.kit.samples import SAMPLES

SERVICES: Mapping[str, Service] = {sample.service.id: sample.service for sample in SAMPLES}
# Those that are embedded by a frame, and not by an element that a script fills.
EMBEDS = [
    sample.service
    for sample in SAMPLES
    if sample.service.parse and isinstance(sample.service.parse(sample.embed or ""), Frame)
]
EXAMPLES = [
    text
    for each in sorted((Path(__file__).parents[1] / "data" / "addresses").glob("*.json"))
    for text in json.loads(each.read_text("utf-8"))["accepts"]
]
VIDEO = "dQw4w9WgXcQ"
PLAYLIST = "PLSL0f2Dh_snCsLgQ3J319RYQyctRlfJFc"


def parse(service: str, text: str) -> Frame | None:
    """Give a service what an editor pasted."""
    read = SERVICES[service].parse
    assert read is not None
    frame = read(text)
    assert frame is None or isinstance(frame, Frame)
    return frame


def embedding(text: str) -> list[str]:
    """Return the ids of the services that embed a text."""
    return [service.id for service in EMBEDS if service.parse and service.parse(text) is not None]


def check_frame(service: Service, frame: Frame) -> None:
    """Check that nothing but the service's own host and validated ids is in a frame, and that its link means it."""
    src, link = urlsplit(frame.src), urlsplit(frame.link)
    assert f"{src.scheme}://{src.netloc}" in service.hosts["frame-src"]
    assert re.fullmatch(r"https://[a-z0-9.-]+/[A-Za-z0-9/._:=@-]*(\?[A-Za-z0-9_.=&%!:,*~-]*)?(#t=[0-9]+s)?", frame.src)
    assert link.scheme == "https"
    assert re.fullmatch(r"[a-z0-9.-]+", link.netloc)
    assert re.fullmatch(r"[A-Za-z0-9/._:,@?=&%!*~-]+(#(t=[0-9ms]+|map=[0-9./-]+(&layers=[A-Z])?))?", frame.link)
    assert len(frame.link) <= 2_000
    assert "/../" not in src.path + link.path
    assert frame.kind in KINDS
    assert frame.shape in SHAPES
    assert service.parse is not None
    assert service.parse(frame.link) == frame


class TestDeclarations:
    """What visitors are told about each service."""

    def test_each_has_a_sample(self) -> None:
        """Whatever the catalogue names is in `SAMPLES`, and so kept to every contract below."""
        assert set(catalogue.__all__) == set(SERVICES)

    def test_build(self) -> None:
        """All of them make a sound registry (C1, C5), each in the category that visitors expect."""
        registry = build(SERVICES.values())

        assert registry.services["google_analytics"].category == "performance"
        assert {registry.services[service.id].category for service in EMBEDS} == {"third_party"}

    def test_id_and_category_are_the_owners(self) -> None:
        service = google_analytics("G-ABC1234567", id="shop_counts", category="tracking", name="Shop counts")

        assert (service.id, service.category, service.name) == ("shop_counts", "tracking", "Shop counts")
        assert service.tag is not None
        assert service.tag.consent_types["analytics_storage"] == "shop_counts"
        assert {each(id="other", category="functionality").id for each in (youtube, facebook, x, linkedin)} == {"other"}

    def test_two_properties(self) -> None:
        """A second property is a second service."""
        registry = build([google_analytics("G-AAAA"), google_analytics("G-BBBB", id="second", name="Second")])

        assert set(registry.services) == {"google_analytics", "second"}

    @pytest.mark.parametrize(
        "found", ["", "UA-1234567-1", "g-abc1234567", "G-ABC1234567\n", "G-A'B\"C<D>E", "GT-A", None]
    )
    def test_measurement_id(self, found: Any) -> None:
        with pytest.raises(ValueError, match=f"measurement_id: found {re.escape(repr(found))}, wanted one such as"):
            google_analytics(found)

    def test_frozen(self) -> None:
        with pytest.raises(FrozenInstanceError):
            youtube().id = "other"  # type: ignore[misc]

    @pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
    def test_provider(self, service: Service) -> None:
        """The recipient is the legal entity that serves visitors in Europe (C1)."""
        assert service.provider is not None
        assert re.fullmatch("[A-Z]{2}", service.provider.country)
        assert service.provider.name != service.name
        assert service.provider.privacy_policy.startswith("https://")

    @pytest.mark.parametrize("service", SERVICES.values(), ids=list(SERVICES))
    def test_cookies(self, service: Service) -> None:
        """Each has a short sentence and a life that browsers grant; embeds set none that is the site's."""
        for cookie in service.cookies:
            assert cookie.purpose.endswith(".")
            assert len(cookie.purpose.split()) <= 12
            assert cookie.duration is None or timedelta() < cookie.duration <= timedelta(days=400)
            assert not cookie.is_first_party or "script-src" in service.hosts, "a frame keeps nothing of the site's"

    def test_few_sentences(self) -> None:
        """What is translated stays little: most cookies share a sentence."""
        cookies = [cookie for service in SERVICES.values() for cookie in service.cookies]

        assert len({cookie.purpose for cookie in cookies}) <= len(cookies) / 2

    @pytest.mark.parametrize(
        "name", ["_ga", "_ga_ABC1234567", "_gid", "_gat", "_gat_UA_1", "_dc_gtm_UA_1", "_gac_UA_1", "_gcl_au"]
    )
    def test_google_analytics_takes_its_leftovers_along(self, name: str) -> None:
        """A withdrawal erases what this and older versions of the tag have stored (G7, E4)."""
        assert CookieIndex(build([SERVICES["google_analytics"]])).declared(name)

    def test_google_analytics_keeps_what_it_says(self) -> None:
        """The life that is declared is the life that the tag asks for."""
        service = SERVICES["google_analytics"]
        declared: Cookie = next(cookie for cookie in service.cookies if cookie.name == "_ga")

        assert service.tag is not None
        assert declared.duration == timedelta(days=395)
        assert timedelta(seconds=int(service.tag.data["cookie-expires"])) == declared.duration

    @pytest.mark.parametrize("service", EMBEDS, ids=lambda service: service.id)
    def test_embeds_open_frames_and_nothing_else(self, service: Service) -> None:
        """An embed is an iframe: no script of another company runs in our pages (A9)."""
        assert set(service.hosts) == {"frame-src"}
        assert service.tag is None

    def test_opt_out_is_of_google_analytics_only(self) -> None:
        """Its browser add-on stops counting, not videos."""
        with_opt_out = [each.id for each in SERVICES.values() if each.provider and each.provider.opt_out]

        assert with_opt_out == ["google_analytics"]

    def test_imports_nothing_of_the_web(self) -> None:
        """What reads the declarations asks for the standard library and the core, no more."""
        folder = Path(str(files("flask_cookieconsent").joinpath("catalogue")))
        imports = {
            (module.name, name)
            for room in ("kit", "readers")
            for module in folder.joinpath(room).rglob("*.py")
            for name in re.findall(r"^(?:from|import) ([\w.]+)", module.read_text(encoding="utf-8"), re.M)
        }
        own = (".", "flask_cookieconsent.catalogue.kit", "flask_cookieconsent.core.", "flask_cookieconsent.errors")

        assert ("recipe.py", "flask_cookieconsent.core.services") in imports
        assert [
            (module, name)
            for module, name in imports
            if not name.startswith(own) and name.split(".")[0] not in sys.stdlib_module_names
        ] == []


GOOD = [
    f"www.youtube.com/watch?v={VIDEO}",
    f"youtu.be/{VIDEO}",
    "www.facebook.com/20531316728/posts/10154009990506729/",
    "x.com/Interior/status/463440424141459456",
    "www.linkedin.com/feed/update/urn:li:share:6922167380462698496",
    "vimeo.com/791813674/2c9cfc5030",
    "www.dailymotion.com/video/x2jvvep",
    "www.instagram.com/p/BnMOk_FFsxg/",
    "www.tiktok.com/@scout2015/video/6718335390845095173",
    "open.spotify.com/episode/2qToAcex0ruZfbEbAy9OhW",
    "soundcloud.com/forss/flickermood",
    "www.google.com/maps/embed?pb=!1m18!1m12!1m3!1d2483.5!2d-0.12!3d51.5",
    "www.openstreetmap.org/?mlat=51.5&mlon=-0.1",
    "calendly.com/example/30min",
]


def with_query(good: str, extra: str) -> str:
    """Return a good address with something more in its query."""
    return f"https://{good}{'&' if '?' in good else '?'}{extra}"


class TestHostileAddresses:
    """Nothing that only looks like an address of theirs is embedded (A9)."""

    @pytest.mark.parametrize(
        "disguise",
        [
            "javascript:alert(1)//{}",
            "data:text/html,{}",
            "ftp://{}",
            "file://{}",
            "//{}",
            "{}",
            "https:{}",
            "https:/{}",
            "https:///{}",
            "https:\\\\{}",
            "https://evil.example/{}",
            "https://evil.example\\{}",
            "https://evil.example#{}",
            "https://evil.example?{}",
            "https://evil.example@{}",
            "https://user:secret@{}",
            "https://@{}",
            "https://evil.example.{}",
            "https://evil{}",
            "https://\u200b{}",
            "https://{}\n",
            "\nhttps://{}",
            "\thttps://{}",
            "ht\ntps://{}",
            "https://{}\r\nX-Header: 1",
            "https://{}\x00",
            "https://{}&a=\u2028",
            "https://[{}]",
        ],
    )
    def test_disguise(self, disguise: str) -> None:
        texts = [disguise.format(good) for good in GOOD]

        assert [(text, service) for text in texts for service in embedding(text)] == []

    def test_disguise_twin(self) -> None:
        """Each of them undisguised is of one service."""
        assert [len(embedding(f"https://{good}")) for good in GOOD] == [1] * len(GOOD)

    @pytest.mark.parametrize(
        "ending", [".evil.example", ".", ":443", ":80", ":", "@evil.example", "%2eevil.example", ":x"]
    )
    def test_host_that_goes_on(self, ending: str) -> None:
        texts = [f"https://{good.replace('/', ending + '/', 1)}" for good in GOOD]

        assert [(text, service) for text in texts for service in embedding(text)] == []

    @pytest.mark.parametrize(
        "host", ["www.youtub\u0435.com", "www.youtube\u3002com", "www.youtube\uff0ecom", "\uff38.com"]
    )
    def test_host_of_other_letters(self, host: str) -> None:
        texts = [f"https://{host}/{path}" for path in (f"watch?v={VIDEO}", "a/status/12345")]

        assert [(text, service) for text in texts for service in embedding(text)] == []

    def test_long(self) -> None:
        """An address of more than 2000 characters is none."""
        longest = [with_query(good, "a=").ljust(2_000, "a") for good in GOOD]

        assert [text for text in longest if not embedding(text)] == []
        assert [(text, service) for text in longest for service in embedding(text + "a")] == []

    @pytest.mark.parametrize("extra", ["autoplay=1", "href=javascript:x", "id=2", "x=%22onload=%22y", "x='", 'x="><b>'])
    def test_query_does_not_leak(self, extra: str) -> None:
        """What an editor's address carries besides the id does not reach the frame."""
        parsers = [service.parse for service in EMBEDS if service.parse]

        assert [
            (good, frame)
            for good in GOOD
            for read in parsers
            if (frame := read(with_query(good, extra))) != read(f"https://{good}")
        ] == []

    def test_many_fields(self) -> None:
        assert parse("youtube", f"https://youtu.be/{VIDEO}?" + "a=1&" * 60) is None


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/?https://www.youtube.com/embed/",
        f"https://www.youtube.com.evil.example/embed/{VIDEO}",
        f'https://www.youtube-nocookie.com/embed/{VIDEO}?"onload="x',
        f"https://www.youtube-nocookie.com/embed/{VIDEO}?rel=0#t=now",
    ],
)
def test_check_frame_bad_twin(text: str) -> None:
    """The check finds a service that looks for a name anywhere and passes on what was pasted (A9)."""

    def careless(text: str) -> Frame | None:
        return Frame(src=text, link=text, kind="video", shape="wide") if "youtube" in text else None

    service = replace(youtube(), parse=careless)
    frame = careless(text)
    assert frame is not None
    with pytest.raises(AssertionError):
        check_frame(service, frame)


PIECES = st.one_of(
    st.sampled_from(
        [
            *("watch", "shorts", "live", "embed", "v", "playlist", "videoseries", "live_stream", "posts", "photos"),
            *(
                "permalink.php",
                "story.php",
                "photo.php",
                "video.php",
                "profile.php",
                "videos",
                "reel",
                "pages",
                "groups",
            ),
            *("status", "i", "web", "feed", "update", "..", "%2e%2e", "", "ecom", "12345", VIDEO),
            *("urn:li:share:6922167380462698496", "a_b-activity-7301226312621314048-z04n"),
            *("p", "tv", "reels", "@ecom", "player", "v1", "6718335390845095173", "BnMOk_FFsxg", "video", "channels"),
            *("track", "album", "2qToAcex0ruZfbEbAy9OhW", "intl-de", "sets", "tracks", "s-AbCdE", "2c9cfc5030"),
            *("maps", "place", "search", "export", "embed.html", "go", "30min", "legal", "x2jvvep", "player.html"),
        ]
    ),
    st.text(alphabet=string.printable + "\u0661\u200b\uff0f", max_size=14),
)
VALUES = st.one_of(
    st.sampled_from([VIDEO, PLAYLIST, "12345", "1h2m3s", "99h999m999999s", "%22%3E", "pfbid0abc", "videoseries"]),
    st.sampled_from(["!1m18!1m12!1d2483.5!2d-0.12!3d51.5", "!1m2!1sCaf%C3%A9%20%26%20%22Bar%22!2z%00", "2c9cfc5030"]),
    st.sampled_from(["51.5", "-0.1", "-0.15,51.49,-0.12,51.51", "1,2,0,3", "-85.051129", "0.0000001", "16", "Cafe+'"]),
    st.sampled_from(
        ["https%3A//api.soundcloud.com/tracks/293", "https%3A//soundcloud.com/forss/a%23t%3D90", "cyclosm"]
    ),
    st.text(alphabet=string.printable + "\u0661", max_size=14),
)
NAMES = ("h", "video", "pb", "q", "query", "bbox", "marker", "layer", "mlat", "mlon", "lat", "lon", "zoom", "url")
ADDRESSES = st.builds(
    lambda scheme, host, pieces, query, fragment: (
        f"{scheme}://{host}/" + "/".join(pieces) + "?" + "&".join(map("=".join, query)) + fragment
    ),
    st.sampled_from(["https", "http"]),
    st.sampled_from(
        [
            *("www.youtube.com", "youtu.be", "www.youtube-nocookie.com", "www.facebook.com", "m.facebook.com"),
            *("x.com", "twitter.com", "www.linkedin.com", "de.linkedin.com", "evil.example", "x.com:1"),
            *("vimeo.com", "player.vimeo.com", "www.dailymotion.com", "dai.ly", "geo.dailymotion.com"),
            *("www.instagram.com", "www.tiktok.com", "open.spotify.com", "soundcloud.com", "w.soundcloud.com"),
            *("www.google.com", "maps.google.be", "www.openstreetmap.org", "osm.org", "calendly.com"),
        ]
    ),
    st.lists(PIECES, max_size=5),
    st.lists(
        st.tuples(st.sampled_from(["v", "list", "t", "start", "fbid", "story_fbid", "id", "x", *NAMES]), VALUES),
        max_size=4,
    ),
    st.one_of(
        st.sampled_from(["", "#t=90s", "#t=1:23", "#t=99h999m", "#map=12/51.5/-0.1&layers=H", "#map=99/85.05112/180"]),
        st.builds("#map={}/{}/{}".format, st.integers(-1, 30), st.floats(-91, 91), st.floats(-181, 181)),
    ),
)

# An address that is nearly right goes deeper than one made of parts.
CHANGED = st.builds(
    lambda url, place, gone, piece: url[: place % len(url)] + piece + url[place % len(url) + gone :],
    st.sampled_from(EXAMPLES),
    st.integers(8, 400),
    st.integers(0, 3),
    st.one_of(st.just(""), PIECES, VALUES),
)


@settings(max_examples=1_500, deadline=None)
@given(text=st.one_of(ADDRESSES, CHANGED, CHANGED, st.text(max_size=60)))
def test_frames_hold_only_validated_ids(text: str) -> None:
    """Whatever is pasted: no frame, a hint, or a frame of the service whose link gives the same frame again (A9)."""
    answers = [(service, frame_or_hint(service, text)) for service in (*EMBEDS, google_maps("AIza" + "A" * 35))]

    for service, frame in [(service, answer) for service, answer in answers if isinstance(answer, Frame)]:
        check_frame(service, frame)
    assert [answer for _, answer in answers if isinstance(answer, str) and "paste the" not in answer] == []


def frame_or_hint(service: Service, text: str) -> Frame | str | None:
    """Return what a service makes of a text: a frame, a hint about what to paste instead, or nothing."""
    assert service.parse is not None
    try:
        frame = service.parse(text)
    except ValueError as hint:
        return str(hint)
    assert frame is None or isinstance(frame, Frame)
    return frame


# -- Google's loader ---------------------------------------------------------------------------------------------------

LOADER = files("flask_cookieconsent").joinpath("static", "google.js").read_text(encoding="utf-8")
CONSENT_TYPES = (
    *("ad_storage", "ad_user_data", "ad_personalization", "analytics_storage", "functionality_storage"),
    *("personalization_storage", "security_storage"),
)
# A page with nothing in it but what the loader may touch.
PAGE = """
const given = JSON.parse(require("fs").readFileSync(0, "utf8"));
const { scripts, loader, protocol, before, between, later, withdrawn } = given;
const vm = require("vm");
const appended = [], heard = [];
const page = { location: { protocol }, URL, URLSearchParams, HTMLScriptElement: class {}, document: {
  createElement: (tag) => ({ tag }),
  head: { append: (node) => appended.push(node) },
  addEventListener: (name, listener) => name === "cookieconsent:change" && heard.push(listener),
} };
page.window = page;
vm.createContext(page);
if (before) vm.runInContext(before, page);
for (const script of scripts) {
  page.document.currentScript = Object.assign(new page.HTMLScriptElement(), script);
  vm.runInContext(loader, page);
  if (between && script === scripts[0]) vm.runInContext(between, page);
}
if (withdrawn) for (const listener of heard) listener({ detail: { allowed: [], granted: [], withdrawn } });
const kind = (entry) => Object.prototype.toString.call(entry);
process.stdout.write(JSON.stringify({
  objects: page.dataLayer, later: later && vm.runInContext(later, page).map((each) => Array.from(each)),
  kinds: page.dataLayer.map(kind), entries: page.dataLayer.map((entry) => Array.from(entry)), appended,
  disabled: Object.keys(page).filter((name) => name.startsWith("ga-disable-")),
}));
"""


def run_loader(
    *granted: str,
    text: str = LOADER,
    protocol: str = "https:",
    ids: tuple[str, ...] = ("G-ABC1234567",),
    before: str = "",
    between: str = "",
    later: str = "",
    withdrawn: tuple[str, ...] | None = None,
) -> dict[str, Any]:
    """Run the loader's tags in Node and return what they left in the page."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("the loader is run by Node, which is not installed")
    scripts = []
    for measurement_id in ids:
        tag = google_analytics(measurement_id).tag
        assert tag is not None
        consent = [f"{name}={'granted' if name in granted else 'denied'}" for name in CONSENT_TYPES]
        data = {re.sub("-(.)", lambda match: match[1].upper(), name): value for name, value in tag.data.items()}
        data |= {"consent": " ".join(consent), "service": "google_analytics"}
        scripts.append({"dataset": data, "nonce": "abc", "src": "https://a.example/cookies/static/1/google.js"})
    page = {
        "scripts": scripts,
        "loader": text,
        "protocol": protocol,
        "before": before,
        "between": between,
        "later": later,
        "withdrawn": withdrawn,
    }
    done = subprocess.run([node, "-e", PAGE], input=json.dumps(page), capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def check_consent_mode(text: str, protocol: str = "https:") -> None:
    """Check what Google is told, and in which order: nothing first, then the choice, then all the rest (G5, G7)."""
    granted = ("analytics_storage",)
    page = run_loader(*granted, text=text, protocol=protocol)
    entries = page["entries"]
    assert set(page["kinds"]) == {"[object Arguments]"}
    assert [entry[:2] for entry in entries[:4]] == [
        ["consent", "default"],
        ["consent", "update"],
        ["set", "ads_data_redaction"],
        ["set", "url_passthrough"],
    ]
    assert [entry[0] for entry in entries[4:]] == ["js", "config"]
    assert entries[0][2] == {each: "granted" if each == "security_storage" else "denied" for each in CONSENT_TYPES}
    always = (*granted, "security_storage")
    assert entries[1][2] == {each: "granted" if each in always else "denied" for each in CONSENT_TYPES}
    assert (entries[2][2], entries[3][2]) == (True, False)
    assert entries[5][1:] == [
        "G-ABC1234567",
        {
            "allow_google_signals": False,
            "allow_ad_personalization_signals": False,
            "cookie_expires": 395 * 86_400,
            "cookie_flags": "SameSite=Lax;Secure" if protocol == "https:" else "SameSite=Lax",
        },
    ]
    assert page["appended"] == [
        {
            "tag": "script",
            "async": True,
            "src": "https://www.googletagmanager.com/gtag/js?id=G-ABC1234567",
            "nonce": "abc",
        }
    ]


def check_own_queue(text: str, before: str) -> None:
    """Check that a queue of the site's own begins with the choice, and has its events after the account (G5)."""
    page = run_loader("analytics_storage", text=text, before=before)
    entries = page["entries"]
    kinds = [entry[0] if entry else each.get("event") for entry, each in zip(entries, page["objects"], strict=True)]
    own = [place for place, kind in enumerate(kinds) if kind in ("event", "purchase")]

    assert [entry[:2] for entry in entries[:2]] == [["consent", "default"], ["consent", "update"]]
    assert all(place > kinds.index("config") for place in own)
    assert kinds.index("js") < kinds.index("config")
    assert len(page["appended"]) == 1


def swapped(text: str, first: str, second: str) -> str:
    """Return a text with two of its parts in each other's place."""
    assert first in text
    assert second in text
    return text.replace(first, "\0").replace(second, first).replace("\0", second)


class TestLoader:
    """Google's consent signal as the loader really gives it."""

    def test_consent_types(self) -> None:
        """G5: measuring is answered by the service itself, and advertising by whatever advertises for Google."""
        tag = google_analytics("G-ABC1234567").tag

        assert tag is not None
        assert tag.loader == "google.js"
        assert dict(tag.consent_types) == {
            "ad_storage": Answer(purpose="advertising"),
            "ad_user_data": Answer(purpose="advertising"),
            "ad_personalization": Answer(purpose="advertising"),
            "analytics_storage": "google_analytics",
        }

    @pytest.mark.parametrize("protocol", ["https:", "http:"])
    def test_consent_mode(self, protocol: str) -> None:
        """G5: the default with all seven keys comes first, then one update, then everything else; G7: nothing leaks."""
        check_consent_mode(LOADER, protocol)

    @pytest.mark.parametrize(
        "twin",
        [
            lambda text: swapped(text, '"default", denied', '"update", choice'),
            lambda text: swapped(text, 'entry("consent", "default", denied)', 'entry("js", new Date())'),
            lambda text: text.replace('"ad_user_data", ', "", 1),
            lambda text: text.replace('given.get(name) === "granted"', "given.get(name)"),
            lambda text: text.replace("return arguments", "return Array.from(arguments)"),
            lambda text: text.replace('"url_passthrough", false', '"url_passthrough", true'),
            lambda text: text.replace('choice.ad_storage !== "granted"', "false"),
            lambda text: text.replace("library.nonce = script.nonce;", ""),
        ],
        ids=[
            "update first",
            "js first",
            "six keys",
            "always granted",
            "array",
            "passthrough",
            "no redaction",
            "no nonce",
        ],
    )
    def test_consent_mode_bad_twin(self, twin: Callable[[str], str]) -> None:
        """The same check finds a loader that breaks the rule (G5, G7)."""
        assert twin(LOADER) != LOADER
        with pytest.raises(AssertionError):
            check_consent_mode(twin(LOADER))

    def test_everything_granted(self) -> None:
        """With all of it granted nothing is held back, and the default is denied all the same."""
        entries = run_loader(*CONSENT_TYPES)["entries"]

        assert entries[0][2]["ad_storage"] == "denied"
        assert set(entries[1][2].values()) == {"granted"}
        assert entries[2] == ["set", "ads_data_redaction", False]
        assert entries[5][2]["allow_google_signals"] is True
        assert entries[5][2]["allow_ad_personalization_signals"] is True

    @pytest.mark.parametrize("value", ["", "Granted", "true", "1", "granted;", "denied"])
    def test_only_the_word_grants(self, value: str) -> None:
        """Anything but `granted` is a refusal (A7)."""
        text = LOADER.replace('(consent || "")', f'"ad_storage={value}"')
        entries = run_loader(text=text)["entries"]

        assert {state for name, state in entries[1][2].items() if name != "security_storage"} == {"denied"}
        assert set(entries[1][2]) == set(CONSENT_TYPES)

    def test_two_properties(self) -> None:
        """A second property adds its own configuration; consent is told once, the library is loaded once (G5)."""
        page = run_loader("analytics_storage", ids=("G-AAAA", "G-BBBB"))

        assert [entry[0] for entry in page["entries"]] == ["consent", "consent", "set", "set", "js", "config", "config"]
        assert [entry[1] for entry in page["entries"][5:]] == ["G-AAAA", "G-BBBB"]
        assert len(page["appended"]) == 1

    @pytest.mark.parametrize(
        "before",
        [
            "var dataLayer = [{ ecommerce: null }, { event: 'purchase' }];",
            "var dataLayer = []; function gtag() { dataLayer.push(arguments) } gtag('event', 'purchase');",
            "var dataLayer = []; function gtag() { dataLayer.push(arguments) } gtag('set', { currency: 'EUR' });",
        ],
    )
    def test_queue_of_the_site(self, before: str) -> None:
        """G5: what the site put into the queue before us is read after the choice, and its events after the account."""
        check_own_queue(LOADER, before)

    @pytest.mark.parametrize(
        "twin",
        [
            lambda text: text.replace("queue.splice(place, 0, ...entries)", "queue.push(...entries)"),
            lambda text: text.replace("return place < 0 ? queue.length : place", "return queue.length"),
        ],
        ids=["default behind", "account behind"],
    )
    def test_queue_of_the_site_twin(self, twin: Callable[[str], str]) -> None:
        """The same check finds a loader that only adds to the end."""
        assert twin(LOADER) != LOADER
        with pytest.raises(AssertionError):
            check_own_queue(twin(LOADER), "var dataLayer = [{ event: 'purchase' }];")

    def test_library_that_runs_is_pushed_to(self) -> None:
        """What is put into the middle of a queue that is read already would be seen by nobody."""
        running = """
        var google_tag_manager = {}, told = [];
        dataLayer.push = function (each) { told.push(each) };
        """
        page = run_loader("analytics_storage", ids=("G-AAAA", "G-BBBB"), between=running, later="told")

        assert [entry[:2] for entry in page["later"]] == [["config", "G-BBBB"]]
        assert [entry[0] for entry in page["entries"]].count("config") == 1

    @pytest.mark.parametrize(
        ("withdrawn", "stops"),
        [(("google_analytics",), True), (("youtube", "google_analytics"), True), (("youtube",), False), ((), False)],
    )
    def test_from_the_press_on_nothing_is_counted(self, withdrawn: tuple[str, ...], stops: bool) -> None:
        """E3, G7: with the press both properties are off and Google is told, before the next page."""
        page = run_loader(*CONSENT_TYPES, ids=("G-AAAA", "G-BBBB"), withdrawn=withdrawn)
        told = [entry for entry in page["entries"][2:] if entry[:2] == ["consent", "update"]]

        assert page["disabled"] == (["ga-disable-G-AAAA", "ga-disable-G-BBBB"] if stops else [])
        assert bool(told) is stops
        assert all(answer == "denied" for each in told for answer in each[2].values())

    def test_nothing_of_google_without_the_loader(self) -> None:
        """Basic mode (G6): only the loader names Google's host, and its tag needs the service's grant."""
        package = files("flask_cookieconsent")
        static = [
            each.name for each in package.joinpath("static").iterdir() if b"googletagmanager" in each.read_bytes()
        ]
        templates = package.joinpath("templates", "cookieconsent").iterdir()

        assert static == ["google.js"]
        assert not any(b"google" in each.read_bytes() for each in templates)
