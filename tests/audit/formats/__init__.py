"""Tests of the room `audit/formats`."""
