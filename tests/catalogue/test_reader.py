"""The reader of declarations: patterns of addresses, options, templates and hints, each with a bad twin."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.catalogue.kit.declaration import factory
from flask_cookieconsent.catalogue.kit.filling import spelled_out
from flask_cookieconsent.catalogue.kit.pasted import address, seconds
from flask_cookieconsent.catalogue.kit.reader import Reader, variables_of
from flask_cookieconsent.core.services import Frame, Widget

SHORT = {"hosts": ["pod.example"], "hint": "short"}
EPISODE = {"hosts": ["podium.example", "www.podium.example"], "path": "/episodes/(?P<episode>[0-9]{1,9})/?"}
WITHIN = {"hosts": ["player.podium.example"], "path": "/frame", "within": "url"}


def reader(*addresses: dict[str, Any], variables: dict[str, Any] | None = None, **embed: Any) -> Reader:
    """Return a reader of an invented podcast host."""
    whole = {
        "kind": "audio",
        "shape": "strip",
        "src": "https://player.podium.example/{episode}{?t,season}",
        "link": "https://podium.example/episodes/{episode}{?t,season}",
        "addresses": list(addresses or (EPISODE,)),
    }
    return Reader("Podium", whole | embed, variables or {})


def frame(text: str, *addresses: dict[str, Any], **embed: Any) -> Frame:
    """Return the frame of a text, which there has to be."""
    found = reader(*addresses, **embed).read(text)
    assert isinstance(found, Frame)
    return found


class TestPatterns:
    """Which texts match."""

    def test_host_and_path(self) -> None:
        assert frame(" https://www.podium.example/episodes/12/ ") == Frame(
            src="https://player.podium.example/12",
            link="https://podium.example/episodes/12",
            kind="audio",
            shape="strip",
        )

    @pytest.mark.parametrize(
        "text",
        [
            *("12", "", "https://podium.example/episodes/12/notes", "https://podium.example/episodes/1234567890"),
            *("https://podium.example.evil.example/episodes/12", "https://xpodium.example/episodes/12"),
            *("https://podiumxexample/episodes/12", "ftp://podium.example/episodes/12", "https://podium.example"),
            *("https://podium.example/episodes/\u0661", "https://podium.example/Episodes/12"),
        ],
    )
    def test_the_whole_has_to_match(self, text: str) -> None:
        assert reader().read(text) is None

    def test_text_alone(self) -> None:
        found = reader({"text": "(?P<episode>[0-9]{1,9})"})
        others = ("12\n", "12a", "\u0661", "https://podium.example/episodes/12")

        assert isinstance(found.read(" 12 "), Frame)
        assert [text for text in others if found.read(text)] == []

    def test_hosts_of_all(self) -> None:
        """A pattern without hosts of its own is for those of all; one that has some is for them only."""
        here = {"path": "/(?P<episode>[0-9]+)"}
        found = reader(here, here | {"hosts": ["pod.example"]}, hosts=["podium.example"])

        assert isinstance(found.read("https://podium.example/12"), Frame)
        assert isinstance(found.read("https://pod.example/12"), Frame)
        assert found.read("https://other.example/12") is None
        assert reader(here).read("https://podium.example/12") is None

    @pytest.mark.parametrize(
        ("pattern", "good", "bad"),
        [
            ("*.podium.example", "eu-1", ("", "a.b", "a_b", "evil.example/")),
            ("??.podium.example", "de", ("d", "deu", "d1", "d-")),
            ("??-??.podium.example", "de-at", ("de", "de-a", "de_at", "deat")),
        ],
    )
    def test_parts_of_a_host(self, pattern: str, good: str, bad: tuple[str, ...]) -> None:
        found = reader({"hosts": [pattern], "path": "/(?P<episode>[0-9]+)"})

        assert isinstance(found.read(f"https://{good}.podium.example/12"), Frame)
        assert [each for each in bad if found.read(f"https://{each}.podium.example/12")] == []

    def test_query(self) -> None:
        """Each value has to match as a whole; its name and its groups become variables."""
        pattern = {"hosts": ["podium.example"], "query": {"ep": "(?P<episode>[0-9]+)", "season": "[0-9]"}}

        assert frame("https://podium.example/?season=2&ep=12&x=y", pattern).src.endswith("/12?season=2")
        assert reader(pattern).read("https://podium.example/?ep=12") is None
        assert reader(pattern).read("https://podium.example/?ep=12x&season=2") is None
        assert reader(pattern).read("https://podium.example/?ep=12&season=22") is None

    def test_fragment(self) -> None:
        pattern = {"hosts": ["podium.example"], "query": {"#ep": "(?P<episode>[0-9]+)"}}

        assert isinstance(reader(pattern).read("https://podium.example/#ep=12"), Frame)
        assert reader(pattern).read("https://podium.example/?ep=12") is None

    def test_first_that_matches(self) -> None:
        tall = EPISODE | {"path": "/episodes/(?P<episode>[0-9]{1,9})", "shape": "player", "kind": "video"}

        assert frame("https://podium.example/episodes/12", tall, EPISODE).shape == "player"
        assert frame("https://podium.example/episodes/12", EPISODE, tall).shape == "strip"

    def test_own_templates(self) -> None:
        own = EPISODE | {"src": "https://frames.podium.example/{episode}", "link": "https://podium.example/{episode}"}

        assert frame("https://podium.example/episodes/12", own).src == "https://frames.podium.example/12"


class TestVariables:
    """What the templates are filled with."""

    def test_of_the_service(self) -> None:
        found = reader(variables={"season": "s-1", "name": "Podium", "id": "podium"})

        assert found.read("https://podium.example/episodes/12").src.endswith("/12?season=s-1")  # type: ignore[union-attr]

    def test_set(self) -> None:
        """A template of its own, for what the text does not say; what it says counts."""
        pattern = {"text": "(?P<episode>[0-9]+)(?:-(?P<season>[0-9]))?", "set": {"season": "{episode}0", "name": "x"}}

        assert frame("12", pattern).src.endswith("/12?season=120")
        assert frame("12-3", pattern).src.endswith("/12?season=3")
        named = {"src": "https://player.podium.example/{name}"}
        assert frame("12", pattern | named, variables={"name": "Podium"}).src.endswith("/x")

    def test_link_in_src(self) -> None:
        """The address of the page is one encoded value, whatever it holds."""
        found = frame(
            "https://podium.example/episodes/12", EPISODE | {"src": "https://player.podium.example/?url={link}"}
        )

        assert found.src == "https://player.podium.example/?url=https%3A%2F%2Fpodium.example%2Fepisodes%2F12"

    def test_host(self) -> None:
        pattern = EPISODE | {"src": "https://{host}/frames/{episode}"}

        assert frame("https://www.podium.example/episodes/12", pattern).src == "https://www.podium.example/frames/12"

    def test_names_in_a_template(self) -> None:
        assert list(variables_of("https://a.example/{b}{?c,d}")) == ["b", "c", "d"]
        assert list(variables_of("https://a.example/")) == []

    @given(value=st.text(min_size=1, max_size=20))
    def test_nothing_gets_out_of_its_place(self, value: str) -> None:
        """A simple variable is encoded, so that a careless pattern too leaves the host and the path alone."""
        found = reader({"text": "(?s:(?P<episode>.+))"}).read(value)

        assert found is None or re.fullmatch(r"https://player\.podium\.example/[\w.~%-]*", found.src, re.A)  # type: ignore[union-attr]


class TestOptions:
    """What an address may say besides."""

    @pytest.mark.parametrize("query", ["t=90", "t=1m30s", "start=1:30", "x=1#t=90s", "t=&start=90"])
    def test_seconds(self, query: str) -> None:
        options = {"t": {"in": ["t", "start", "#t"], "as": "seconds"}}

        assert frame(f"https://podium.example/episodes/12?{query}", options=options).src.endswith("/12?t=90")

    @pytest.mark.parametrize("query", ["", "t=", "t=0", "t=-1", "t=now", "T=90", "t=%3Cb%3E", "start=90"])
    def test_left_out(self, query: str) -> None:
        options = {"t": {"as": "seconds"}, "season": {"match": "[0-9]"}}

        assert frame(f"https://podium.example/episodes/12?{query}", options=options).src.endswith("/12")

    def test_match(self) -> None:
        options = {"t season": {"match": "[0-9]"}}

        assert frame("https://podium.example/episodes/12?season=2&t=22", options=options).src.endswith("/12?season=2")

    def test_what_the_pattern_found_counts(self) -> None:
        pattern = {"hosts": ["podium.example"], "path": "/(?P<season>s[0-9])/(?P<episode>[0-9]+)"}
        found = frame("https://podium.example/s1/12?season=s2", pattern, options={"season": {"match": "s[0-9]"}})

        assert found.src.endswith("/12?season=s1")

    @pytest.mark.parametrize(
        ("form", "expected"), [("{}s", "83s"), ("{minutes}m{rest}s", "1m23s"), ("{episode}", "12"), ("{nothing}", "")]
    )
    def test_form(self, form: str, expected: str) -> None:
        """An option may be written differently, or say what was found; what nobody knows leaves no trace."""
        found = frame("https://podium.example/episodes/12?t=83", options={"t": {"as": "seconds", "form": form}})

        assert found.src == "https://player.podium.example/12" + (f"?t={expected}" if expected else "")

    def test_none_for_a_text(self) -> None:
        assert frame("12?t=9", {"text": "(?P<episode>[0-9]+).*"}, options={"t": {"as": "seconds"}}).src.endswith("/12")


class TestHints:
    """What has no frame."""

    def test_short_link(self) -> None:
        with pytest.raises(ValueError, match="'https://pod.example/a' is a short link, which only Podium can resolve"):
            reader(SHORT).read("https://pod.example/a")

    def test_own_words(self) -> None:
        pattern = {"path": "/@.+", "hint": "is a profile of {name}; paste the address of an episode"}

        with pytest.raises(ValueError, match="is a profile of Podium; paste the address"):
            reader(pattern, hosts=["podium.example"]).read("https://podium.example/@ada")
        assert reader(pattern, hosts=["podium.example"]).read("https://podium.example/ada") is None


class TestWithin:
    """An address that is a value of another one's query."""

    def test_content(self) -> None:
        """What the inner one says counts, with its options."""
        outer = "https://player.podium.example/frame?t=5&url=https%3A//podium.example/episodes/12%3Ft%3D90"

        assert frame(outer, WITHIN, EPISODE, options={"t": {"as": "seconds"}}).src.endswith("/12?t=90")

    def test_text(self) -> None:
        number = {"text": "podium:(?P<episode>[0-9]+)"}

        assert isinstance(reader(WITHIN, number).read("https://player.podium.example/frame?url=podium%3A12"), Frame)

    @pytest.mark.parametrize(
        "inner",
        [
            *(
                "",
                "javascript:alert(1)",
                "https%3A//evil.example/episodes/12",
                "https%3A//podium.example/a%22",
            ),
            "https%3A//player.podium.example/frame%3Furl%3Dhttps%253A//podium.example/episodes/12",
        ],
    )
    def test_nothing(self, inner: str) -> None:
        """Nor an address in an address in an address."""
        assert reader(WITHIN, EPISODE).read(f"https://player.podium.example/frame?url={inner}") is None

    def test_hint(self) -> None:
        with pytest.raises(ValueError, match="'https://pod.example/a' is a short link"):
            reader(WITHIN, SHORT).read("https://player.podium.example/frame?url=https%3A//pod.example/a")


class TestWidgets:
    """An element that a script fills."""

    EMBED = {"widget": {"attributes": {"data-episode": "{episode}"}, "tag": {"src": "https://podium.example/w.js"}}}

    def test_widget(self) -> None:
        found = reader(**self.EMBED).read("https://podium.example/episodes/12")

        assert isinstance(found, Widget)
        assert (found.attributes, found.link) == ({"data-episode": "12"}, "https://podium.example/episodes/12")

    def test_the_same_everywhere(self) -> None:
        """Without addresses it takes no text at all."""
        everywhere = {"attributes": {"class": "podium"}, "tag": {"src": "https://podium.example/w.js"}}
        found = Reader("Podium", {"kind": "comments", "shape": "long", "widget": everywhere}, {})

        assert isinstance(found.read(""), Widget)
        assert found.read("https://podium.example/episodes/12") is None

    def test_what_an_address_does_not_fill(self) -> None:
        """What an editor pasted is refused with a sentence, also where the declaration was careless."""
        tag = {"src": "https://podium.example/w.js"}
        embed = {
            **{"kind": "comments", "shape": "long", "link": "https://podium.example/{show}"},
            "widget": {"attributes": {"data-show": "{show}"}, "tag": tag},
            "addresses": [{"hosts": ["podium.example"], "path": "/(?P<show>[a-z]+)?"}],
        }
        reader = Reader("Podium", embed, {})

        with pytest.raises(ValueError, match="has nothing for 'show'"):
            reader.read("https://podium.example/")
        assert isinstance(reader.read("https://podium.example/ours"), Widget)


class TestDeclared:
    """How a declaration leads to its reader."""

    EMBED = {
        "kind": "audio",
        "shape": "strip",
        "src": "$player/{episode}",
        "link": "$player/{episode}",
        "parts": {"player": "https://player.podium.example", "id": "(?P<episode>[0-9]{1,9})"},
        "addresses": [{"text": "$id"}, {"hosts": ["player.podium.example"], "path": "/$id/?"}],
    }

    def parse(self, embed: dict[str, Any], **more: Any) -> Any:
        whole = {"name": "Podium", "purpose": "embedded_audio", "categories": ["third_party"], "embed": embed}
        return factory("podium", whole | more)().parse

    def test_parts(self) -> None:
        """What several patterns share is written once."""
        found = self.parse(self.EMBED)("https://player.podium.example/12")

        assert found == self.parse(self.EMBED)("12")
        assert found.src == "https://player.podium.example/12"

    def test_part_that_is_missing(self) -> None:
        with pytest.raises(KeyError, match="id"):
            self.parse(self.EMBED | {"parts": {"player": "https://player.podium.example"}})("12")

    def test_parts_are_for_texts(self) -> None:
        assert spelled_out({"a": ["$b", 1, {"c": True}]}, {"b": "d"}) == {"a": ["d", 1, {"c": True}]}
        assert spelled_out("$ 1$2 b$", {}) == "$ 1$2 b$"

    def test_code(self) -> None:
        """A reader that is code is given the text and the parameters."""
        embed = {"kind": "map", "shape": "square", "reader": "google_maps"}
        key = "AIza" + "x" * 35
        parse = self.parse(embed, parameters={"api_key": {"match": "AIza.{35}", "example": key, "default": key}})

        assert key in parse("https://www.google.com/maps/place/Gent").src
        assert parse("https://podium.example/12") is None


class TestPasted:
    """Addresses as people paste them."""

    @pytest.mark.parametrize(
        ("text", "path"),
        [
            ("https://podium.example/café", "/caf%C3%A9"),
            ("https://podium.example/cafe\u0301/李", "/cafe%CC%81/%E6%9D%8E"),
            ("https://podium.example/caf%C3%A9", "/caf%C3%A9"),
        ],
    )
    def test_letters_beyond_ascii(self, text: str, path: str) -> None:
        """Safari's address bar shows them as they are; they are encoded as a browser would."""
        found = address(text)

        assert found is not None and found.path == path

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "https://pódium.example/a",
                "https://podium.example\u3002evil.example/a",
                "https://podium.example/a\u2028b",
            ),
            *("https://podium.example/a\u200bb", "https://podium.example/é b", "https://podium.example/é\\b"),
            *("https://podium.example/%zz", "https://podium.example/a%", "https://podium.example/%2", "é", "/é"),
            *("https://podium.example/\ud800", "https://podium.example/" + "é" * 400, "https://é@podium.example/"),
        ],
    )
    def test_deceptive(self, text: str) -> None:
        assert address(text) is None

    def test_query_beyond_ascii(self) -> None:
        found = address("https://podium.example/?q=café")

        assert found is not None and found.query == {"q": "café"}

    @given(seconds_given=st.integers(1, 999_999))
    def test_minutes_are_read_again(self, seconds_given: int) -> None:
        """A time that was written in minutes is the same when it is pasted again."""
        assert seconds(f"{seconds_given // 60}m{seconds_given % 60}s") == seconds_given

    @pytest.mark.parametrize("text", ["", "0", "m", "1000000", "99h999m999999s", "166666m40s", "-1m", "1s2m"])
    def test_no_time(self, text: str) -> None:
        assert seconds(text) == 0
