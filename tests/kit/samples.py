"""One of each ready-made service, with what its tests embed; every contract of the catalogue is kept by all of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask_cookieconsent.catalogue import (
    calendly,
    crisp,
    dailymotion,
    disqus,
    facebook,
    fathom,
    google_ads,
    google_analytics,
    google_maps,
    google_tag_manager,
    hcaptcha,
    hotjar,
    hubspot,
    instagram,
    intercom,
    linkedin,
    linkedin_insight,
    matomo,
    meta_pixel,
    microsoft_clarity,
    openstreetmap,
    pinterest_tag,
    plausible,
    recaptcha,
    soundcloud,
    spotify,
    stripe,
    tiktok,
    tiktok_pixel,
    turnstile,
    umami,
    vimeo,
    x,
    x_pixel,
    youtube,
)
from flask_cookieconsent.core.services import Service


@dataclass(frozen=True)
class Sample:
    """A service, and what is embedded of it: an address, a reference, "" for a widget without one, or None."""

    service: Service
    embed: str | None = None


SAMPLES = (
    Sample(google_analytics("G-ABC1234567")),
    Sample(crisp("7598bf86-9ebb-46bc-8c61-be8929bbf93d")),
    Sample(fathom("ABCDEFGH")),
    Sample(google_ads("AW-123456789")),
    Sample(google_tag_manager("GTM-ABC1234")),
    Sample(hotjar("1234567")),
    Sample(hubspot("12345678", region="na1")),
    Sample(intercom("abc12345", region="us")),
    Sample(linkedin_insight("123456")),
    Sample(
        matomo("https://example.matomo.cloud/", "1", script_url="https://cdn.matomo.cloud/x.matomo.cloud/matomo.js")
    ),
    Sample(meta_pixel("1234567890123456")),
    Sample(microsoft_clarity("abcdef1234")),
    Sample(pinterest_tag("2612345678901")),
    Sample(plausible("pa-6_srOGVV9SLMWJ1ZpUAbG")),
    Sample(tiktok_pixel("C4A1B2C3D4E5F6G7H8I0")),
    Sample(umami("94db1cb1-74f4-4a40-ad6c-962362670409")),
    Sample(x_pixel("o1abc")),
    Sample(youtube(), "https://youtu.be/aqz-KE-bpKQ"),
    Sample(facebook(), "https://www.facebook.com/facebook/posts/10153231379946729"),
    Sample(x(), "https://x.com/Interior/status/463440424141459456"),
    Sample(linkedin(), "urn:li:share:6922167380462698496"),
    Sample(calendly("www.ecom.example"), "https://calendly.com/example/30min"),
    Sample(dailymotion("x8tlb"), "https://www.dailymotion.com/video/x84sh87"),
    Sample(google_maps(), "https://www.google.com/maps/embed?pb=!1m18!1m12!1m3!1d2483.5!2d-0.12!3d51.5"),
    Sample(instagram(), "https://www.instagram.com/p/BnMOk_FFsxg/"),
    Sample(openstreetmap(), "https://www.openstreetmap.org/?mlat=51.5&mlon=-0.1#map=16/51.5/-0.1"),
    Sample(soundcloud(), "https://soundcloud.com/forss/flickermood"),
    Sample(spotify(), "https://open.spotify.com/track/2qToAcex0ruZfbEbAy9OhW"),
    Sample(tiktok(), "https://www.tiktok.com/@scout2015/video/6718335390845095173"),
    Sample(vimeo(), "https://vimeo.com/76979871"),
    Sample(disqus("example"), "article-42"),
    Sample(hcaptcha("10000000-ffff-ffff-ffff-000000000001"), ""),
    Sample(recaptcha("6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI", host="www.google.com"), ""),
    Sample(stripe("pk_test_TYooMQauvdEDq54NiTphI7jx"), ""),
    Sample(turnstile("1x00000000000000000000AA", preclearance=True), ""),
)
