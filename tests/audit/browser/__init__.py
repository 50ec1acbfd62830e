"""Tests of the room `audit/browser`."""
