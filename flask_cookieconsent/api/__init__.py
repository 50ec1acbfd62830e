"""JSON interface for programs: single-page apps with the visitor's cookie, native apps with a consent token."""
