"""Legal entities behind several vendor modules, as they name themselves to visitors in the European Union."""

from __future__ import annotations

from flask_cookieconsent.core.services import Provider

GOOGLE = Provider(name="Google Ireland Limited", country="IE", privacy_policy="https://policies.google.com/privacy")
META = Provider(
    name="Meta Platforms Ireland Limited", country="IE", privacy_policy="https://www.facebook.com/privacy/policy/"
)
X_CORP = Provider(name="X Internet Unlimited Company", country="IE", privacy_policy="https://x.com/en/privacy")
LINKEDIN = Provider(
    name="LinkedIn Ireland Unlimited Company",
    country="IE",
    privacy_policy="https://www.linkedin.com/legal/privacy-policy",
)
TIKTOK = Provider(
    name="TikTok Technology Limited",
    country="IE",
    privacy_policy="https://www.tiktok.com/legal/page/eea/privacy-policy/en",
)
