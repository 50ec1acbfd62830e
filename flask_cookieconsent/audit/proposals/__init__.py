"""Lines to paste for each finding: the catalogue's where it knows the subject, else a declaration with gaps."""
