"""Vendor modules: the factory and the URL parser of one product each."""
