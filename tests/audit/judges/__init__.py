"""Tests of the room `audit/judges`."""
