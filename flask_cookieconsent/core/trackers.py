"""Cookies and hosts that are known to track visitors, so that nobody calls them strictly necessary (C5).

The list catches mistakes and is never complete: a name that is missing here is not cleared by it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Tracker:
    """What one vendor tracks with, as its own document, named by `source`, or this package's catalogue says.

    `names` are cookies and storage keys that track wherever they are kept; a star stands for anything. `domains` are
    those that serve nothing else: every cookie and host below them tracks. `common` are names that others use as well,
    so they count only for a service that has to do with one of the `domains`, or with one of the vendor's `sites`.
    `loaders` are scripts of ours that start the vendor's.
    """

    vendor: str
    source: str
    names: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    common: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    loaders: tuple[str, ...] = ()


TRACKERS: tuple[Tracker, ...] = (
    Tracker(
        vendor="Google Analytics",
        source="Google, “Google Analytics cookie usage on websites”",
        names=(
            *("_ga", "_ga_*", "_gid", "_gat", "_gat_*", "_gac_*", "_dc_gtm_*", "_gaexp", "_gaexp_rc", "FPID", "FPLC"),
            *("__utma", "__utmb", "__utmc", "__utmt", "__utmt_*", "__utmv", "__utmx", "__utmxx", "__utmz"),
        ),
        domains=("google-analytics.com", "analytics.google.com", "googletagmanager.com"),
        loaders=("google.js",),
    ),
    Tracker(
        vendor="Google advertising",
        source="Google, “How Google uses cookies”, advertising",
        names=("_gcl_*", "__gads", "__gpi", "__gsas", "VISITOR_INFO1_LIVE", "VISITOR_PRIVACY_METADATA"),
        domains=("doubleclick.net", "googleadservices.com", "googlesyndication.com", "2mdn.net"),
        common=("IDE", "DSID", "NID", "ANID", "AID", "TAID", "1P_JAR", "YSC", "__Secure-YNID", "yt-*"),
        sites=("google.com", "youtube.com", "youtube-nocookie.com"),
    ),
    Tracker(
        vendor="Meta",
        source="Meta, “Cookies Policy”",
        names=("_fbp", "_fbc"),
        domains=("connect.facebook.net",),
        common=("fr", "sb", "datr", "mid", "ig_did", "lastExternalReferrer*", "topicsLastReferenceTime"),
        sites=("facebook.com", "facebook.net", "instagram.com"),
    ),
    Tracker(
        vendor="Microsoft Advertising and Clarity",
        source="Microsoft, “Clarity cookie list”, and “Universal Event Tracking” of Microsoft Advertising",
        names=("MUID", "MUIDB", "ANONCHK", "_uetsid", "_uetvid", "_uetmsclkid", "_clck", "_clsk", "_cltk"),
        domains=("bat.bing.com", "clarity.ms"),
        common=("CLID", "MR", "SM"),
        sites=("bing.com",),
    ),
    Tracker(
        vendor="LinkedIn",
        source="LinkedIn, “Cookie table”",
        names=(
            *("bcookie", "bscookie", "lidc", "li_fat_id", "li_giant", "li_sugr", "li_adsId", "ln_or"),
            *("UserMatchHistory", "AnalyticsSyncHistory"),
        ),
        domains=("ads.linkedin.com", "snap.licdn.com"),
    ),
    Tracker(
        vendor="X",
        source="X, “How cookies are used on X”",
        names=("_twpid", "_twclid", "personalization_id", "muc_ads", "guest_id_ads", "guest_id_marketing"),
        domains=("ads-twitter.com", "analytics.twitter.com"),
        common=("guest_id", "guest_id_*"),
        sites=("twitter.com", "x.com", "t.co"),
    ),
    Tracker(
        vendor="TikTok",
        source="TikTok, “Cookies Policy”",
        names=("_ttp", "_tt_enable_cookie", "ttclid", "ttcsid", "ttcsid_*", "ttwid"),
        domains=("analytics.tiktok.com",),
        common=("msToken",),
        sites=("tiktok.com",),
    ),
    Tracker(
        vendor="Pinterest",
        source="Pinterest, “Cookies policy”",
        names=("_pin_unauth", "_derived_epik", "_epik", "_pinterest_ct_*"),
        domains=("ct.pinterest.com",),
        common=("ar_debug",),
        sites=("pinterest.com",),
    ),
    Tracker(
        vendor="Snapchat",
        source="Snap, “Cookie information”",
        names=("_scid", "_scid_r", "_sctr"),
        domains=("tr.snapchat.com", "sc-static.net"),
    ),
    Tracker(
        vendor="Reddit",
        source="Reddit, “Cookie notice”",
        names=("_rdt_uuid", "_rdt_cid"),
        domains=("alb.reddit.com", "pixel-config.reddit.com"),
    ),
    Tracker(
        vendor="Matomo and Piwik PRO",
        source="Matomo, “What are the cookies created by the Matomo JavaScript tracker?”",
        names=(
            "_pk_id*",
            "_pk_ses*",
            "_pk_ref*",
            "_pk_cvar*",
            "_pk_hsr*",
            "stg_returning_visitor",
            "stg_last_interaction",
        ),
    ),
    Tracker(
        vendor="Hotjar and Contentsquare",
        source="Hotjar, “Cookies set by the Hotjar tracking code”",
        names=("_hj*", "_cs_id", "_cs_s"),
        domains=("hotjar.com", "hotjar.io", "contentsquare.net"),
    ),
    Tracker(
        vendor="HubSpot",
        source="HubSpot, “Cookies set in a visitor's browser by HubSpot”",
        names=("__hstc", "__hssc", "__hssrc", "hubspotutk"),
        domains=("hs-analytics.net", "hsadspixel.net", "track.hubspot.com"),
    ),
    Tracker(
        vendor="Adobe Analytics and Audience Manager",
        source="Adobe, “Cookies used in the Experience Cloud”",
        names=("AMCV_*", "AMCVS_*", "s_vi", "s_vi_*", "s_fid", "s_ecid", "demdex", "dextp"),
        domains=("demdex.net", "omtrdc.net", "2o7.net", "everesttech.net"),
        common=("mbox", "s_cc", "s_sq"),
    ),
    Tracker(
        vendor="Yandex Metrica",
        source="Yandex, “Metrica cookies”",
        names=("_ym_uid", "_ym_d", "_ym_isad", "_ym_visorc*", "yandexuid", "yabs-sid"),
        domains=("mc.yandex.ru", "mc.yandex.com"),
    ),
    Tracker(
        vendor="Criteo",
        source="Criteo, “Privacy policy”, cookies",
        names=("cto_bundle", "cto_bidid", "cto_lwid", "cto_tld_test"),
        domains=("criteo.com", "criteo.net"),
    ),
    Tracker(
        vendor="Taboola", source="Taboola, “Cookie policy”", names=("trc_cookie_storage",), domains=("taboola.com",)
    ),
    Tracker(vendor="Outbrain", source="Outbrain, “Cookies”", names=("outbrain_cid_fetch",), domains=("outbrain.com",)),
    Tracker(
        vendor="AdRoll",
        source="NextRoll, “Service privacy notice”",
        names=("__adroll", "__adroll_fpc", "__ar_v4"),
        domains=("adroll.com",),
    ),
    Tracker(
        vendor="Quantcast",
        source="Quantcast, “Privacy policy”, cookies",
        names=("__qca",),
        domains=("quantserve.com", "quantcount.com"),
    ),
    Tracker(
        vendor="comScore",
        source="comScore, “Cookies and site analytics”",
        names=("_scor_uid",),
        domains=("scorecardresearch.com",),
    ),
    Tracker(
        vendor="Chartbeat",
        source="Chartbeat, “Cookies”",
        names=("_chartbeat2", "_chartbeat4", "_chartbeat5"),
        domains=("chartbeat.com", "chartbeat.net"),
        common=("_cb", "_cb_ls", "_cb_svref"),
    ),
    Tracker(
        vendor="ShareThis",
        source="ShareThis, “Privacy notice”",
        names=("__stid", "__unam"),
        domains=("sharethis.com",),
    ),
    Tracker(
        vendor="Mixpanel",
        source="Mixpanel, “Client-side persistence”",
        names=("mp_*_mixpanel",),
        domains=("mixpanel.com", "mxpnl.com"),
    ),
    Tracker(
        vendor="Amplitude",
        source="Amplitude, “Cookies and consent management”",
        names=("amplitude_id*", "AMP_MKTG_*"),
        domains=("amplitude.com",),
        common=("AMP_*",),
    ),
    Tracker(
        vendor="Segment",
        source="Twilio Segment, “Analytics.js”, identity",
        names=("ajs_anonymous_id", "ajs_user_id", "ajs_group_id"),
        domains=("segment.com", "segment.io"),
    ),
    Tracker(
        vendor="PostHog",
        source="PostHog, “Persistence”",
        names=("ph_*_posthog",),
    ),
    Tracker(
        vendor="Heap",
        source="Heap, “What cookies does Heap set?”",
        names=("_hp2_id.*", "_hp2_ses_props.*", "_hp2_props.*"),
        domains=("heapanalytics.com",),
    ),
    Tracker(
        vendor="FullStory",
        source="FullStory, “Why does FullStory use cookies?”",
        names=("fs_uid",),
        domains=("fullstory.com",),
    ),
    Tracker(vendor="Snowplow", source="Snowplow, “Cookies”", names=("_sp_id.*", "_sp_ses.*")),
    Tracker(
        vendor="VWO",
        source="VWO, “Cookies stored by VWO”",
        names=("_vwo_uuid*", "_vwo_ds", "_vis_opt_*"),
        domains=("visualwebsiteoptimizer.com",),
    ),
    Tracker(
        vendor="Optimizely",
        source="Optimizely, “Cookies and localStorage”",
        names=("optimizelyEndUserId",),
    ),
    Tracker(
        vendor="Crazy Egg",
        source="Crazy Egg, “Cookies”",
        names=("_ce.s", "_ce.clock_data", "_ce.clock_event", "cebsp_*"),
        domains=("crazyegg.com",),
        common=("cebs",),
    ),
    Tracker(
        vendor="Marketo",
        source="Adobe, “Munchkin tracking”",
        names=("_mkto_trk",),
        domains=("mktoresp.com", "munchkin.marketo.net"),
    ),
    Tracker(
        vendor="Pardot",
        source="Salesforce, “Account Engagement cookies”",
        names=("visitor_id[0-9][0-9][0-9]*",),
        domains=("pardot.com",),
    ),
    Tracker(vendor="Klaviyo", source="Klaviyo, “Cookies”", names=("__kla_id",), domains=("klaviyo.com",)),
    Tracker(
        vendor="Piano Analytics",
        source="Piano, “Cookies”",
        names=("atuserid", "atidvisitor", "_pcid"),
        domains=("xiti.com",),
    ),
    Tracker(vendor="etracker", source="etracker, “Cookies”", names=("_et_coid", "et_oi_v2"), domains=("etracker.com",)),
    Tracker(vendor="Awin", source="Awin, “Cookies”", names=("_aw_m_*", "_aw_sn_*"), domains=("awin1.com", "dwin1.com")),
    Tracker(
        vendor="an advertising exchange",
        source="the companies' own policies; their hosts serve nothing but advertising",
        domains=(
            *("adnxs.com", "adsrvr.org", "amazon-adsystem.com", "rubiconproject.com", "pubmatic.com", "openx.net"),
            *("casalemedia.com", "bidswitch.net", "adform.net", "smartadserver.com", "teads.tv", "mathtag.com"),
            *(
                "bluekai.com",
                "rlcdn.com",
                "id5-sync.com",
                "crwdcntrl.net",
                "tapad.com",
                "liadm.com",
                "imrworldwide.com",
            ),
        ),
    ),
)
