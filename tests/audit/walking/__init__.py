"""Tests of the room `audit/walking`."""
