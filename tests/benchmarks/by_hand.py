"""A cookie consent as a careful developer writes it by hand for one site: the floor of what asking costs at all.

A signed cookie, a banner with two equal buttons, a link in the footer, a placeholder for embeds, and `Vary: Cookie`.
No log, no languages, no digests, no sweep, no policy.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, g, redirect, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.wrappers import Response as Redirect

SERVICES = {
    "language": ("Language", "Keeps the language you picked."),
    "arrival": ("Arrival", "Keeps how you found us."),
    "counter": ("Example Counter", "Counts visits."),
    "films": ("Example Films", "Shows films."),
    "posts": ("Example Posts", "Shows posts."),
}

BY_HAND_TEMPLATES = {
    "consent/head.html": """<link rel="stylesheet" href="{{ url_for("static", filename="consent.css") }}">
{% if "counter" in consent.granted %}
<script src="{{ url_for("static", filename="counter.js") }}" async></script>{% endif %}
<script src="{{ url_for("static", filename="consent.js") }}" defer></script>""",
    "consent/banner.html": """<section class="consent-banner" aria-labelledby="consent-title">
<form method="post" action="{{ url_for("choice") }}"><input type="hidden" name="next" value="{{ request.full_path }}">
<h2 id="consent-title">We use cookies</h2><p>Some are needed for this site to work. The ones below are used only if you
allow them. You may refuse, and you can change your mind at any time under “Cookie settings” in the footer.
<a href="/cookie-policy">Cookie policy</a></p>
<dl>{% for name, purpose in consent_services.values() %}<dt>{{ name }}</dt><dd>{{ purpose }}</dd>{% endfor %}</dl>
<button name="choice" value="accept">Accept all</button> <button name="choice" value="reject">Reject all</button>
<a href="{{ url_for("preferences") }}">Choose cookies</a></form></section>""",
    "consent/link.html": """<a href="{{ url_for("preferences") }}">Cookie settings</a>{% if consent.granted %}
<form method="post" action="{{ url_for("choice") }}"><input type="hidden" name="next" value="{{ request.full_path }}">
<button name="choice" value="reject">Withdraw consent</button></form>{% endif %}""",
    "consent/embed.html": """{% if "films" in consent.granted %}
<iframe src="https://player.example.net/{{ reference }}" title="{{ titles[reference] }}" loading="lazy" allowfullscreen>
</iframe>{% else %}<div class="consent-placeholder"><p>{{ titles[reference] }}</p>
<p>Example Films shows this film. It learns your address, and may set cookies.</p>
<form method="post" action="{{ url_for("choice") }}"><input type="hidden" name="next" value="{{ request.full_path }}">
<input type="hidden" name="service" value="films">
<button name="choice" value="save">Always allow Example Films</button></form>
<a href="https://films.example.net/watch/{{ reference }}">Open on Example Films</a></div>{% endif %}""",
}

MONTHS_6 = 184 * 24 * 60 * 60


def add_consent(app: Flask) -> None:
    """Give an app a consent of its own: a context processor, a header and two views."""
    signer = URLSafeTimedSerializer(str(app.secret_key), salt="consent")

    def consent() -> dict[str, Any]:
        g.asked = True
        try:
            granted = signer.loads(request.cookies.get("cookieconsent", ""), max_age=MONTHS_6)
        except BadSignature:
            return {"made": False, "granted": ()}
        return {"made": True, "granted": [service for service in granted if service in SERVICES]}

    def keep_private(response: Response) -> Response:
        if g.get("asked") and response.mimetype == "text/html":
            response.vary.add("Cookie")
            response.cache_control.private = True
        return response

    def choice() -> Redirect:
        granted = {"accept": list(SERVICES), "reject": []}.get(request.form["choice"], request.form.getlist("service"))
        response = redirect(request.form.get("next", "/"), 303)
        value = str(signer.dumps(granted))
        response.set_cookie("cookieconsent", value, max_age=MONTHS_6, httponly=True, samesite="Lax")
        return response

    app.context_processor(lambda: {"consent": consent(), "consent_services": SERVICES})
    app.after_request(keep_private)
    app.add_url_rule("/cookies/choice", "choice", choice, methods=["POST"])
    app.add_url_rule("/cookies", "preferences", lambda: Markup("<h1>Cookie settings</h1>"))
