"""Fixtures of all tests: sites, sample services, facts about providers, events of a busy log."""
