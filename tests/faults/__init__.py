"""Fault injection: a small shop on real servers, visitors who keep coming, and whatever can fail beneath them (F5)."""
