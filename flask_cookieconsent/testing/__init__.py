"""Helpers for the tests of a site: visitors who have chosen, and the audit as a fixture of pytest."""
