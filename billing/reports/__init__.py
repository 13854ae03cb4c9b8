"""Reports: pure functions from margin reports to frozen rows; page and export show the same."""
