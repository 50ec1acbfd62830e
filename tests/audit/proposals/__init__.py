"""Tests of the room `audit/proposals`."""
