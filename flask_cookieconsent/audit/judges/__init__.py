"""What judges a walk: cookies, hosts, shared answers, pages without our pieces, templates, what nothing shows."""
