"""Ready-made services, one module for each provider."""

from __future__ import annotations

from .calendly import calendly
from .dailymotion import dailymotion
from .facebook import facebook
from .google_analytics import google_analytics
from .google_maps import google_maps
from .instagram import instagram
from .linkedin import linkedin
from .openstreetmap import openstreetmap
from .soundcloud import soundcloud
from .spotify import spotify
from .tiktok import tiktok
from .vimeo import vimeo
from .x import x
from .youtube import youtube

__all__ = [
    "calendly",
    "dailymotion",
    "facebook",
    "google_analytics",
    "google_maps",
    "instagram",
    "linkedin",
    "openstreetmap",
    "soundcloud",
    "spotify",
    "tiktok",
    "vimeo",
    "x",
    "youtube",
]
