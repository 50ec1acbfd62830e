"""Proof for an authority: one folder that reads without the site."""
