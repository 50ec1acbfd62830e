"""Tests of the room `choice`."""
