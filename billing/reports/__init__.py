"""Reports over margin rows: pure functions → frozen rows that page and export share."""
