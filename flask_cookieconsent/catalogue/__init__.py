"""Ready-made declarations of third-party services: one factory function for each vendor's product."""

from __future__ import annotations

from .vendors.calendly import calendly
from .vendors.crisp import crisp
from .vendors.dailymotion import dailymotion
from .vendors.disqus import disqus
from .vendors.facebook import facebook
from .vendors.fathom import fathom
from .vendors.google_ads import google_ads
from .vendors.google_analytics import google_analytics
from .vendors.google_maps import google_maps
from .vendors.google_tag_manager import google_tag_manager
from .vendors.hcaptcha import hcaptcha
from .vendors.hotjar import hotjar
from .vendors.hubspot import hubspot
from .vendors.instagram import instagram
from .vendors.intercom import intercom
from .vendors.linkedin import linkedin
from .vendors.linkedin_insight import linkedin_insight
from .vendors.matomo import matomo
from .vendors.meta_pixel import meta_pixel
from .vendors.microsoft_clarity import microsoft_clarity
from .vendors.openstreetmap import openstreetmap
from .vendors.pinterest_tag import pinterest_tag
from .vendors.plausible import plausible
from .vendors.recaptcha import recaptcha
from .vendors.soundcloud import soundcloud
from .vendors.spotify import spotify
from .vendors.stripe import stripe
from .vendors.tiktok import tiktok
from .vendors.tiktok_pixel import tiktok_pixel
from .vendors.turnstile import turnstile
from .vendors.umami import umami
from .vendors.vimeo import vimeo
from .vendors.x import x
from .vendors.x_pixel import x_pixel
from .vendors.youtube import youtube

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
