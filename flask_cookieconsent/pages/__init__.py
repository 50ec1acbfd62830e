"""What visitors and owners see: the routes, the templates' interface, the report."""
