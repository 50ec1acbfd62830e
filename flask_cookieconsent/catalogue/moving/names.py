"""What other consent tools call services and categories, where the catalogue has another word."""

from __future__ import annotations

from collections.abc import Mapping

#: Names of services, in lower-case letters and digits alone, and the ids of the catalogue.
JOBS: Mapping[str, str] = {
    **dict.fromkeys(("gtag", "multiplegtag", "analytics", "gajs", "ga", "ga4", "googleanalytics4"), "google_analytics"),
    **dict.fromkeys(("googleuniversalanalytics", "googleanalyticsga4"), "google_analytics"),
    **dict.fromkeys(("googletagmanager", "multiplegoogletagmanager", "gtm", "tagmanager"), "google_tag_manager"),
    **dict.fromkeys(("googleadwordsconversion", "googleadwordsremarketing", "googleads", "gcmadstorage"), "google_ads"),
    **dict.fromkeys(("adwords", "googleadwords"), "google_ads"),
    **dict.fromkeys(("facebookpixel", "fbpixel", "metapixel", "facebookads"), "meta_pixel"),
    **dict.fromkeys(("facebookcomment", "facebooklikebox", "facebookpost", "facebookvideo"), "facebook"),
    **dict.fromkeys(("googlemapssearch", "googlemapsembed", "gmaps", "googlemap", "mapsnoapi"), "google_maps"),
    **dict.fromkeys(("youtubeplaylist", "youtubeapi", "youtubevideo", "yt"), "youtube"),
    **dict.fromkeys(("vimeoplayer", "vimeovideo"), "vimeo"),
    **dict.fromkeys(("twitter", "twitterembed", "twittertimeline", "x", "xtwitter"), "x"),
    **dict.fromkeys(("twitterpixel", "twitteruwt", "xpixel"), "x_pixel"),
    **dict.fromkeys(("clarity", "microsoftclarity"), "microsoft_clarity"),
    **dict.fromkeys(("linkedininsighttag", "linkedininsight"), "linkedin_insight"),
    **dict.fromkeys(("pinterestpixel", "pinteresttag"), "pinterest_tag"),
    **dict.fromkeys(("tiktokpixel", "tiktokads"), "tiktok_pixel"),
    **dict.fromkeys(("tiktokvideo", "tiktokembed"), "tiktok"),
    **dict.fromkeys(("matomocloud", "matomohightrack", "matomotm", "piwik", "matomoanalytics"), "matomo"),
    **dict.fromkeys(("googlerecaptcha", "recaptchav2"), "recaptcha"),
    **dict.fromkeys(("dailymotionvideo",), "dailymotion"),
    **dict.fromkeys(("openstreetmaps", "osm"), "openstreetmap"),
    **dict.fromkeys(("bingads", "uet", "microsoftads", "microsoftadvertising"), "microsoft_uet"),
    **dict.fromkeys(("instagramembed", "instagramfeed"), "instagram"),
    **dict.fromkeys(("spotifyplayer", "spotifyembed"), "spotify"),
    **dict.fromkeys(("soundcloudplayer",), "soundcloud"),
    **dict.fromkeys(("zopim", "zendeskchat", "zendesk"), "zendesk_widget"),
    **dict.fromkeys(("cloudflareturnstile",), "turnstile"),
    **dict.fromkeys(("tawk", "tawktochat", "tawkchat"), "tawk_to"),
}

#: Words for groups, and the category and the purpose of ours that are nearest.
GROUPS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(
        ("analytics", "analytic", "analytical", "statistics", "statistic", "stats", "performance", "measurement"),
        ("performance", "audience_measurement"),
    ),
    **dict.fromkeys(
        (
            "marketing",
            "advertising",
            "advertisement",
            "advertisements",
            "ads",
            "ad",
            "targeting",
            "tracking",
            "retargeting",
        ),
        ("tracking", "advertising"),
    ),
    **dict.fromkeys(
        ("functional", "functionality", "functionalities", "preferences", "preference", "comfort", "convenience"),
        ("functionality", "preferences"),
    ),
    **dict.fromkeys(("video", "videos", "media", "externalmedia", "external"), ("third_party", "embedded_video")),
    **dict.fromkeys(
        ("social", "socialmedia", "socialnetwork", "comment", "comments"), ("third_party", "embedded_post")
    ),
    **dict.fromkeys(("necessary", "essential", "required", "security", "technical"), ("functionality", "preferences")),
}

#: The words of those that other tools ask nobody about.
ALWAYS_ON = frozenset(("necessary", "essential", "required", "security", "technical"))

#: What a group of an unknown name is filed as: what is asked about in the plainest words.
STRICTEST = ("tracking", "advertising")

#: What the tools keep themselves: it goes when they go.
OWN_COOKIES = (
    "CookieConsent",
    "CookieConsentBulk",
    "klaro",
    "cc_cookie",
    "tarteaucitron",
    "cmplz_",
    "complianz_",
    "_iub_cs",
    "borlabs-cookie",
)
