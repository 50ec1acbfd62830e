"""Third-party embeds: resolved from URLs, detected in stored HTML (CMS content), and share links."""
