"""The audit in a real browser: what scripts keep and contact, before a choice and after a withdrawal."""
