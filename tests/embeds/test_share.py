"""Share links: plain addresses, everything in them percent-encoded, nothing loaded (A9)."""

from __future__ import annotations

import re
from importlib.resources import files
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask import render_template_string
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.embeds.share import NETWORKS, share_link
from tests.kit.sites import make_app, make_site, remote_references, soup_of, static

PAGE = "https://example.org/stories?page=2&sort=new#top"
ENCODED = "https%3A%2F%2Fexample.org%2Fstories%3Fpage%3D2%26sort%3Dnew%23top"


@pytest.mark.parametrize(
    ("network", "href"),
    [
        ("facebook", f"https://www.facebook.com/sharer/sharer.php?u={ENCODED}"),
        ("x", f"https://x.com/intent/tweet?text=Ships%20%26%20quays%20%2B%201&url={ENCODED}"),
        ("linkedin", f"https://www.linkedin.com/sharing/share-offsite/?url={ENCODED}"),
        ("whatsapp", f"https://wa.me/?text=Ships%20%26%20quays%20%2B%201%20{ENCODED}"),
        ("mastodon", f"https://share.joinmastodon.org/#text=Ships%20%26%20quays%20%2B%201%20{ENCODED}"),
        ("bluesky", f"https://bsky.app/intent/compose?text=Ships%20%26%20quays%20%2B%201%20{ENCODED}"),
        ("reddit", f"https://www.reddit.com/submit?url={ENCODED}&title=Ships%20%26%20quays%20%2B%201"),
        ("threads", f"https://www.threads.net/intent/post?text=Ships%20%26%20quays%20%2B%201%20{ENCODED}"),
        ("telegram", f"https://t.me/share/url?url={ENCODED}&text=Ships%20%26%20quays%20%2B%201"),
        (
            "pinterest",
            f"https://www.pinterest.com/pin/create/button/?url={ENCODED}&description=Ships%20%26%20quays%20%2B%201",
        ),
        ("xing", f"https://www.xing.com/spi/shares/new?url={ENCODED}"),
        ("email", f"mailto:?subject=Ships%20%26%20quays%20%2B%201&body={ENCODED}"),
    ],
)
def test_share_link(network: str, href: str) -> None:
    assert share_link(network, PAGE, "Ships & quays + 1") == href


def test_networks_are_frozen() -> None:
    with pytest.raises(TypeError):
        NETWORKS["other"] = ("Other", "https://other.example/?u={url}")  # type: ignore[index]


def test_unknown_network_names_the_others() -> None:
    with pytest.raises(ValueError, match="'myspace', wanted one of facebook, x, linkedin"):
        share_link("myspace", PAGE)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/stories",
        "//example.org/stories",
        "example.org",
        "https://",
        "https:///stories",
        "https://[half/",
        "ftp://example.org/",
        "javascript:alert(1)",
        "data:text/html,hello",
        "https://example.org/a b",
        "https://example.org/a\u00a0b",
        "https://example.org/\r\nX: y",
        " https://example.org/",
        "https://example.org/\n",
        'https://example.org/"onclick="x',
        "https://example.org/<b>",
        "https://example.org\\evil.example",
    ],
)
def test_refuses(url: str) -> None:
    with pytest.raises(ValueError, match="url: found .*, wanted an absolute http or https address"):
        share_link("x", url)


def test_apostrophe_is_part_of_an_address() -> None:
    assert share_link("facebook", "https://example.org/it's").endswith("?u=https%3A%2F%2Fexample.org%2Fit%27s")


@given(
    network=st.sampled_from(sorted(NETWORKS)),
    path=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters='"<>\\')),
    title=st.text(alphabet=st.characters(exclude_categories=["Cs"])),
)
def test_only_unreserved_characters_and_nothing_lost(network: str, path: str, title: str) -> None:
    """Whatever the page and the title are called, the values arrive whole and break out of nothing."""
    url, line = "https://example.org/" + path, " ".join(title.split())
    href = share_link(network, url, title)

    assert breaks_out_of_nothing(href)
    assert arrives_whole(href, url, line)


def breaks_out_of_nothing(href: str) -> bool:
    """Tell whether an address holds its parts and percent-encoded values, and nothing else."""
    return re.fullmatch(r"(?:https://[a-z./-]+[?#]|mailto:\?)[A-Za-z0-9_.~%=&-]+", href) is not None


def arrives_whole(href: str, url: str, line: str) -> bool:
    """Tell whether an address, read as its network reads it, says the page and the title, and says nothing twice."""
    parts = urlsplit(href)
    values = parse_qs(parts.query or parts.fragment, keep_blank_values=True)
    wanted = {"u": url, "url": url, "body": url, "text": f"{line} {url}".lstrip()}
    wanted |= {"title": line, "subject": line, "description": line}
    if "url" in values:
        wanted["text"] = line
    same = values == {name: [wanted[name]] for name in values}
    return same and url in " ".join(each for (each,) in values.values())


def carelessly(network: str, title: str) -> str:
    """Return the address that a share link would have if a title were filled in as it is."""
    return NETWORKS[network][1].format(url=ENCODED, title=title, both=f"{title}%20{ENCODED}")


TITLED = ("x", "whatsapp", "mastodon", "threads", "telegram", "reddit", "pinterest", "email")


@pytest.mark.parametrize("title", ["a\r\nBcc: c@example.org", 'a" onclick="b', "a b", "a+b", "\u00e9"])
def test_only_unreserved_characters_twin(title: str) -> None:
    """What is filled in as it is breaks out of the line or the attribute, and the check says so."""
    assert [network for network in TITLED if breaks_out_of_nothing(carelessly(network, title))] == []


@pytest.mark.parametrize("title", ["a&body=b&url=c&text=d", "50%25", "a%0D%0Ab"])
def test_nothing_lost_twin(title: str) -> None:
    """Such a title passes for percent-encoded; what it says is another value, or another title."""
    for network in TITLED:
        careless = carelessly(network, title)
        assert breaks_out_of_nothing(careless), network
        assert not arrives_whole(careless, PAGE, title), network
    assert arrives_whole(share_link(network, PAGE, title), PAGE, title)


def test_subject_is_one_line() -> None:
    """RFC 6068: a line break in a title adds no header to a message."""
    assert share_link("email", PAGE, "One\r\nBcc: a@example.org").startswith("mailto:?subject=One%20Bcc%3A%20a%40")


# -- the list ----------------------------------------------------------------------------------------------------------


def shared(call: str) -> BeautifulSoup:
    app = make_app()
    app.add_url_rule("/story", "story", lambda: render_template_string("{{ cookieconsent." + call + " }}"))
    return soup_of(make_site(app=app).visitor().get("/story?utm_source=x"))


def test_list_of_links() -> None:
    """All networks, this page's address, words for everybody, icons of our own, and nothing is loaded (A9)."""
    page = shared("share_links(title='A story')")
    links = page.select("ul.fcc-shares > li > a")

    assert [" ".join(each.text.split()) for each in links] == [
        *("Share on Facebook", "Share on X", "Share on LinkedIn", "Share on WhatsApp", "Share on Mastodon"),
        *("Share on Bluesky", "Share on Threads", "Share on Telegram", "Share on Reddit", "Share on Pinterest"),
        *("Share on XING", "Share by email"),
    ]
    assert {each["rel"][0] for each in links} == {"noopener"}
    assert all("http%3A%2F%2Flocalhost%2Fstory" in str(each["href"]) for each in links)
    assert all(each.select_one("svg")["aria-hidden"] == "true" for each in links)  # type: ignore[index]
    assert remote_references(str(page)) == []
    assert page.ul is not None and page.ul["role"] == "list"


def test_icons_are_there() -> None:
    """Every network has its picture in the one file that the site itself serves."""
    sprite = files("flask_cookieconsent").joinpath("static", "share.svg").read_text("utf-8")
    symbols = set(re.findall(r'<symbol id="(\w+)"', sprite))
    used = [str(each["href"]) for each in shared("share_links()").select("use")]

    assert symbols == set(NETWORKS)
    assert used == [f"{static('share.svg')}#{network}" for network in NETWORKS]


def test_icons_are_small_without_a_style_sheet() -> None:
    """A picture without a size of its own is 300 pixels wide wherever our style sheet is not."""
    icons = shared("share_links()").select("svg")

    assert {(each.get("width"), each.get("height")) for each in icons} == {("20", "20")}


ODD_HOSTS = [
    *("", "x:99999", 'a"b', "x y", "[", "[::1", "]", "a<b", "a/b", "a?b", "a#b", "a@b", "a\\b", "x:", "x:abc", ":80"),
    *("%41", "a,b", "\xe9", "\xa0", "127.0.0.1:-1"),
]


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_odd_host_is_no_error(host: str) -> None:
    """A `Host` header is written by a client; where it is no host, the link leads on with the path of the page."""
    app = make_app()
    app.add_url_rule("/it's", "story", lambda: render_template_string("{{ cookieconsent.share_links(title='A') }}"))

    answer = make_site(app=app).visitor().get("/it's", headers={"Host": host})

    assert answer.status_code == 200
    assert all(str(each["href"]).endswith("%2Fit%27s") for each in soup_of(answer).select("a[href*='u=']"))
    assert all(breaks_out_of_nothing(str(each["href"])) for each in soup_of(answer).select("a"))


def test_some_links() -> None:
    page = shared("share_links('email', 'x', url='https://example.org/a')")

    assert [str(each["href"]) for each in page.select("a")] == [
        "mailto:?subject=&body=https%3A%2F%2Fexample.org%2Fa",
        "https://x.com/intent/tweet?text=&url=https%3A%2F%2Fexample.org%2Fa",
    ]


def test_one_link_has_no_icon() -> None:
    page = shared("share('whatsapp')")

    assert page.text.strip() == "Share on WhatsApp"
    assert not page.select("svg, ul")
