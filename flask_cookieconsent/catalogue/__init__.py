"""Ready-made services, one module for each provider."""

from __future__ import annotations

from .calendly import calendly
from .dailymotion import dailymotion
from .disqus import disqus
from .facebook import facebook
from .google_analytics import google_analytics
from .google_maps import google_maps
from .hcaptcha import hcaptcha
from .instagram import instagram
from .linkedin import linkedin
from .openstreetmap import openstreetmap
from .recaptcha import recaptcha
from .soundcloud import soundcloud
from .spotify import spotify
from .stripe import stripe
from .tiktok import tiktok
from .turnstile import turnstile
from .vimeo import vimeo
from .x import x
from .youtube import youtube

__all__ = [
    "calendly",
    "dailymotion",
    "disqus",
    "facebook",
    "google_analytics",
    "google_maps",
    "hcaptcha",
    "instagram",
    "linkedin",
    "openstreetmap",
    "recaptcha",
    "soundcloud",
    "spotify",
    "stripe",
    "tiktok",
    "turnstile",
    "vimeo",
    "x",
    "youtube",
]
