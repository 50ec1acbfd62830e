"""What is declared, chosen and decided: pure functions and frozen values that know neither the web nor a database."""
