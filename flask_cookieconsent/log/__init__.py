"""The consent log: what is recorded of a choice, how it is kept, sealed, counted, exported and erased."""
