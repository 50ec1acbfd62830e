"""Readers of what editors paste, for the few services whose addresses take arithmetic or choices that are no pattern."""
