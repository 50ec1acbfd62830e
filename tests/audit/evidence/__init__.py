"""Tests of the room `audit/evidence`."""
