"""Provider bills: their files, the month, a provider, both sides of a row, and what is decided."""
