"""Tests of the room `embeds`."""
