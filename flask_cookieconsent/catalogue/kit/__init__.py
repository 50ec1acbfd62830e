"""Shared by the vendor modules: URL parsing, parameter validation, providers and purpose texts."""
