"""The audit: what a site really does, compared with what it declares."""
