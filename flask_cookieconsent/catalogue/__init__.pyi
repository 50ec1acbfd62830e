"""Types of the factories, for editors and type checkers; written by `make docs` from the files in `vendors`."""

from collections.abc import Mapping
from typing import Any

from flask_cookieconsent.core.services import Service

__all__ = [
    "calendly",
    "disqus",
    "google_ads",
    "google_analytics",
    "google_maps",
    "meta_pixel",
    "microsoft_clarity",
    "spotify",
    "youtube",
]

def calendly(
    site: str,
    *,
    id: str = "calendly",
    category: str = "third_party",
) -> Service:
    """Return Calendly for `embed()`: the booking page of a person, a team or a kind of meeting."""

def disqus(
    shortname: str,
    *,
    id: str = "disqus",
    category: str = "third_party",
) -> Service:
    """Return Disqus for `embed("disqus", "article-42", title=…)`, with the identifier of the page's thread."""

def google_ads(
    conversion_id: str,
    *,
    config: Mapping[str, Any] | None = None,
    consent_types: Mapping[str, str | None] | None = None,
    id: str = "google_ads",
    category: str = "tracking",
    name: str = "Google Ads",
) -> Service:
    """Return Google Ads for one account, for example `google_ads("AW-123456789")`."""

def google_analytics(
    measurement_id: str,
    *,
    cookie_domain: str = "",
    server_container_url: str = "",
    config: Mapping[str, Any] | None = None,
    consent_types: Mapping[str, str | None] | None = None,
    id: str = "google_analytics",
    category: str = "performance",
    name: str = "Google Analytics",
) -> Service:
    """Return Google Analytics for one web stream, for example `google_analytics("G-ABC1234567")`."""

def google_maps(
    api_key: str | None = None,
    *,
    id: str = "google_maps",
    category: str = "third_party",
) -> Service:
    """Return Google Maps for `embed()`: maps by the address that Google offers for embedding."""

def meta_pixel(
    pixel_id: str,
    *,
    id: str = "meta_pixel",
    category: str = "tracking",
    name: str = "Meta Pixel",
) -> Service:
    """Return Meta Pixel: conversion tracking of advertisements on Facebook and Instagram."""

def microsoft_clarity(
    project_id: str,
    *,
    id: str = "microsoft_clarity",
    category: str = "tracking",
    name: str = "Microsoft Clarity",
) -> Service:
    """Return Microsoft Clarity for one project, for example `microsoft_clarity("abcdef1234")`."""

def spotify(
    *,
    id: str = "spotify",
    category: str = "third_party",
) -> Service:
    """Return Spotify for `embed()`: tracks, albums, playlists, artists, and podcasts with their episodes."""

def youtube(
    *,
    id: str = "youtube",
    category: str = "third_party",
    name: str = "YouTube",
) -> Service:
    """Return YouTube: videos, shorts, live streams and playlists in an iframe."""
