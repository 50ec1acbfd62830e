"""Posted consent forms: validation, same-origin check (CSRF), state transition and HTTP response."""
