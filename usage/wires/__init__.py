"""One module per wire: what others send → native events, by an allow-list of names."""
