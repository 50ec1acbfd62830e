"""Which hosts a script loads from, by its words; data, links and comments are none."""

from __future__ import annotations

import pytest

from flask_cookieconsent.audit.walking.scripts import loaded_by, modules_of, surely_loaded_by

GTM = """(function(w,d,s,l,i){w[l]=w[l]||[];w[l].push({'gtm.start':new Date().getTime(),event:'gtm.js'});
var f=d.getElementsByTagName(s)[0],j=d.createElement(s),dl=l!='dataLayer'?'&l='+l:'';j.async=true;
j.src='https://www.googletagmanager.com/gtm.js?id='+i+dl;f.parentNode.insertBefore(j,f);
})(window,document,'script','dataLayer','GTM-AAAA');"""
PIXEL = """!function(f,b,e,v,n,t,s){if(f.fbq)return;t=b.createElement(e);t.src=v;
s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}(window,document,'script',
'https://connect.facebook.net/en_US/fbevents.js');fbq('init','1');"""
MATOMO = """var _paq = window._paq = window._paq || []; (function() { var u="//stats.test/";
_paq.push(['setTrackerUrl', u+'matomo.php']); var d=document, g=d.createElement('script'); g.src=u+'matomo.js'; })();"""
OLD_ANALYTICS = """var ga = document.createElement('script');
ga.src = ('https:' == document.location.protocol ? 'https://ssl' : 'http://www') + '.google-analytics.com/ga.js';"""


@pytest.mark.parametrize(
    ("code", "host"),
    [
        (GTM, "www.googletagmanager.com"),
        (PIXEL, "connect.facebook.net"),
        (MATOMO, "stats.test"),
        (OLD_ANALYTICS, "google-analytics.com"),
        ("fetch('https://x.test/api')", "x.test"),
        ("fetch(`https://x.test/api/${id}`)", "x.test"),
        ("new Image().src = '//x.test/p'", "x.test"),
        ("navigator.sendBeacon('https://x.test/b')", "x.test"),
        ("import('https://x.test/a')", "x.test"),
        ("import a from 'https://x.test/a'", "x.test"),
        ("new WebSocket('wss://x.test/s')", "x.test"),
        ("r = new XMLHttpRequest(); r.open('GET', 'https://x.test/a')", "x.test"),
        ("document.write('<script src=\"https://x.test/a\"></scr' + 'ipt>')", "x.test"),
        ("$.getScript('https://x.test/a')", "x.test"),
        (r'el.src = "https:\/\/x.test\/a"', "x.test"),
        ("loadScript('https://x.test/a')", "x.test"),
        ("fetch('https://' + 'www.google-analytics.com' + '/collect')", "www.google-analytics.com"),
        ("const H = 'www.google-analytics.com'; fetch(`https://${H}/collect`)", "www.google-analytics.com"),
    ],
)
def test_what_loads(code: str, host: str) -> None:
    assert [url.split("/")[2] for url in loaded_by(code)] == [host]


@pytest.mark.parametrize(
    "code",
    [
        "var note = '<a href=\"https://policies.google.com/privacy\">Privacy</a>'; el.src = '/a.png'",
        "window.open('https://www.facebook.com/sharer.php?u=' + url); new Image().src = '/a.png'",
        "location.href = 'https://x.test/a.js'; fetch('/api')",
        "a.href = 'https://x.test/a.js'; fetch('/api')",
        "// snippet: 'https://www.googletagmanager.com/gtm.js'\nfetch('/api')",
        "/* fetch from https://x.test/a.js */ fetch('/api')",
        "if (src.startsWith('https://www.youtube.com/embed.js')) fetch('/api')",
        "if (origin === 'https://x.test/a.js') fetch('/api')",
        "window.site = {facebook: 'https://www.facebook.com/shop', map: 'https://x.test/'}; fetch('/api')",
        "var data = {'sameAs': ['https://x.test/a.js']}",
        "fetch('/api'); import './a.js'; el.src = 'a.png'",
        "if (cookieconsent.allows('stats')) { el.src = 'https://x.test/a.js' }",
        "document.addEventListener('cookieconsent:change', () => { el.src = 'https://x.test/a.js' })",
        "if (host === 'www.google-analytics.com') fetch('/api')",
        "console.log('https://x.test/a.js'); fetch('/api')",
        "xmlns = 'http://www.w3.org/2000/svg'; el = document.createElementNS(xmlns, 'svg')",
    ],
)
def test_what_is_data_or_a_link(code: str) -> None:
    """The bad twin: words that name a host and load nothing from it, or ask us before they do."""
    assert loaded_by(code) == ()


def test_modules_behind_many_spaces() -> None:
    """To try each way to share the spaces takes time by their square."""
    assert modules_of(("from " + " " * 5_000) * 20 + "'./a.js'") == ("./a.js",)
    assert modules_of("import( './b.js' ); import './c.js'") == ("./b.js", "./c.js")


def test_what_leaves_no_doubt() -> None:
    """An address behind a word that loads; the bad twin is one that may be loaded, and may be data."""
    code = "fetch('https://a.test/b'); const u = 'https://c.test/d.js'; new Image().src = '/e.png'"

    assert loaded_by(code) == ("https://a.test/b", "https://c.test/d.js")
    assert surely_loaded_by(code) == {"https://a.test/b"}
