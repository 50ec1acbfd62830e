"""The ready-made services, one module for each provider's product."""
