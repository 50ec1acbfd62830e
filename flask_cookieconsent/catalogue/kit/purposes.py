"""Message ids of cookie purposes and justifications, shared so that they are translated once.

Take one of these for a cookie of a new service; add one only where none is true.
"""

from __future__ import annotations

from flask_cookieconsent.core.services import N_

TELLS_APART = N_("Tells visitors apart by a random number.")
KEEPS_VISIT = N_("Keeps the state of the visit.")
FIRST_ARRIVAL = N_("Remembers how you first found this site.")
RECORDS = N_("Joins the pages of one visit into a recording.")
LIMITS = N_("Limits how often data is sent.")
COUNTS = N_("Measures how it is used.")
TESTS = N_("Finds out whether the browser keeps cookies.")
CAMPAIGN = N_("Remembers which advertisement led here.")
ADVERTISES = N_("Shows and measures advertisements.")
MATCHES = N_("Matches your browser with an account or a profile there.")
RECOGNISES = N_("Recognises your browser.")
CONNECTION = N_("Measures your connection and recognises your browser.")
VIEWS = N_("Counts the views of videos.")
SETTINGS = N_("Keeps your settings there.")
PRIVACY = N_("Keeps your privacy settings there.")
LANGUAGE = N_("Keeps your language there.")
SIGNED_IN = N_("Keeps you signed in there.")
SESSION = N_("Keeps the state of your visit there.")
WINDOW = N_("Keeps the size of your window.")
DATA_CENTRE = N_("Chooses the data centre that answers.")
FORGERY = N_("Protects against forged requests.")
ROBOTS = N_("Tells people from robots.")
FRAUD = N_("Protects payments against fraud.")
VERSION = N_("Chooses which version of a page you see.")
CONVERSATION = N_("Keeps your conversation with us.")

#: Why a service may be called strictly necessary.
NEEDED_IN_A_FORM = N_("It is loaded only where you send us a form, and without it robots would send thousands.")
NEEDED_TO_PAY = N_("It is loaded only where you pay, and without it you cannot pay here.")
