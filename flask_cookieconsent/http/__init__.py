"""What a decision does to HTTP requests and responses: cookies, caches, policies."""
