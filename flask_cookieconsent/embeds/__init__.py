"""Third-party content: found in what editors paste and in stored HTML, and shared by plain links."""
