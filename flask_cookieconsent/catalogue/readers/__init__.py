"""Readers of what editors paste, for the few services whose addresses take arithmetic, or more than patterns."""
