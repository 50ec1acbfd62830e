"""Compile the message catalogs into every wheel and every editable install."""

from __future__ import annotations

from setuptools import setup
from setuptools.command.build import build


class BuildWithCatalogs(build):
    """The ordinary build, after the catalogs."""

    sub_commands = [("compile_catalog", None), *build.sub_commands]


setup(cmdclass={"build": BuildWithCatalogs})
