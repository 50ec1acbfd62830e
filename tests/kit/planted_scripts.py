"""What only a browser sees of the planted site: scripts, styles, and a banner that is hard to refuse."""

from __future__ import annotations

from importlib.resources import files

#: Style sheets of the site, by file name.
STYLES = {
    "importing.css": '@import "imported.css"; main { margin: 0 }',
    "imported.css": "@font-face { font-family: Inter; src: url(https://font-face.example/inter.woff2) }",
    "sheet.css": "main { background: url('//sheet.example/u.png') }",
    "dark.css": "@media (prefers-color-scheme: dark) { .fcc-answers [value=reject] { visibility: hidden } }",
    "phone.css": "@media (max-width: 40em) { .fcc-actions [value=reject] { min-block-size: 0; block-size: 9px } }",
}

#: Scripts of the site, by file name.
SCRIPTS = {
    "cookie.js": "document.cookie = 'js_visitor=1; max-age=86400; path=/';",
    "cookie-store.js": "window.cookieStore?.set({ name: 'store_visitor', value: '1', path: '/' });",
    "local-storage.js": "localStorage.setItem('visitor_profile', '1');",
    "session-storage.js": "sessionStorage.tab_profile = '1';",
    "database.js": "indexedDB.open('tracker_db').onupgradeneeded = (e) => e.target.result.createObjectStore('people');",
    "worker.js": "navigator.serviceWorker.register('/static/worker-itself.js');",
    "worker-itself.js": "addEventListener('fetch', () => {});",
    "early-cookie.js": "document.cookie = '_visits=1; max-age=86400; path=/';",
    "early-key.js": "localStorage.setItem('visits.state', '1');",
    "pieces.js": """
      const pixel = document.createElement('script');
      pixel.src = ['https:', '', ['pieces', 'example'].join('.'), 'p.js'].join('/');
      document.head.append(pixel);""",
    "beacon.js": "navigator.sendBeacon('https:' + '//' + 'beacon' + '.example/b', 'seen');",
    "fetch.js": "fetch('https:' + '//' + 'fetch' + '.example/f', { mode: 'no-cors' }).catch(() => {});",
    "inserted.js": """
      const tag = document.createElement('script');
      tag.src = 'https:' + '//count.' + 'visits.example/count.js';
      document.head.append(tag);""",
    # Both store something only while the tag of the service stands in the page, as they should; one for a folder alone,
    # where no sweep of another page looks, the other where nobody can sweep without scripts.
    "kept-cookie.js": """
      if (document.querySelector("script[src*='count.']")) {
        document.cookie = '_visits=1; max-age=86400; path=/browser';
      }""",
    "kept-database.js": """
      if (document.querySelector("script[src*='count.']")) indexedDB.open('visits.state');""",
    "reading.js": "window.known = localStorage.getItem('visits.state');",
}


def banner(*, is_pale: bool) -> str:
    """Return the banner of the extension with a picture without words on one page, and maybe a paler Reject."""
    text = (files("flask_cookieconsent") / "templates" / "cookieconsent" / "banner.html").read_text("utf-8")
    picture = '{% if request.path == "/browser/axe" %}<img src="/static/dot.svg">{% endif %}'
    accept, value, rest = text.replace("</h2>", f"</h2>{picture}", 1).partition('value="accept"')
    return accept + value + (rest.replace('class="fcc-button"', 'class="fcc-button pale"', 1) if is_pale else rest)
