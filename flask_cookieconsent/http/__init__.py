"""What a decision does to HTTP requests and responses: cookies, caches, Content-Security-Policy."""
