"""Click commands of `flask cookieconsent …`."""

from __future__ import annotations

from flask_cookieconsent.audit.commands import audit
from flask_cookieconsent.audit.evidence.command import evidence

from . import catalogue, log, site
from .group import commands

commands.add_command(audit)
commands.add_command(evidence)

__all__ = ["catalogue", "commands", "log", "site"]
