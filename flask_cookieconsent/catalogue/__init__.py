"""Ready-made services, one module for each provider."""

from __future__ import annotations

from .facebook import facebook
from .google_analytics import google_analytics
from .linkedin import linkedin
from .x import x
from .youtube import youtube

__all__ = ["facebook", "google_analytics", "linkedin", "x", "youtube"]
