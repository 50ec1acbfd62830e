"""Ready-made services, one module for each provider."""

from __future__ import annotations

from .calendly import calendly
from .crisp import crisp
from .dailymotion import dailymotion
from .disqus import disqus
from .facebook import facebook
from .fathom import fathom
from .google_ads import google_ads
from .google_analytics import google_analytics
from .google_maps import google_maps
from .google_tag_manager import google_tag_manager
from .hcaptcha import hcaptcha
from .hotjar import hotjar
from .hubspot import hubspot
from .instagram import instagram
from .intercom import intercom
from .linkedin import linkedin
from .linkedin_insight import linkedin_insight
from .matomo import matomo
from .meta_pixel import meta_pixel
from .microsoft_clarity import microsoft_clarity
from .openstreetmap import openstreetmap
from .pinterest_tag import pinterest_tag
from .plausible import plausible
from .recaptcha import recaptcha
from .soundcloud import soundcloud
from .spotify import spotify
from .stripe import stripe
from .tiktok import tiktok
from .tiktok_pixel import tiktok_pixel
from .turnstile import turnstile
from .umami import umami
from .vimeo import vimeo
from .x import x
from .x_pixel import x_pixel
from .youtube import youtube

__all__ = [
    "calendly",
    "crisp",
    "dailymotion",
    "disqus",
    "facebook",
    "fathom",
    "google_ads",
    "google_analytics",
    "google_maps",
    "google_tag_manager",
    "hcaptcha",
    "hotjar",
    "hubspot",
    "instagram",
    "intercom",
    "linkedin",
    "linkedin_insight",
    "matomo",
    "meta_pixel",
    "microsoft_clarity",
    "openstreetmap",
    "pinterest_tag",
    "plausible",
    "recaptcha",
    "soundcloud",
    "spotify",
    "stripe",
    "tiktok",
    "tiktok_pixel",
    "turnstile",
    "umami",
    "vimeo",
    "x",
    "x_pixel",
    "youtube",
]
