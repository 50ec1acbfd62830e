"""What the extension costs: measured against the same thing without it, in one run; no timing decides a test."""
