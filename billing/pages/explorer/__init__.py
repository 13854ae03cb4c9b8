"""The explorer's pages: the table, a cell with its events, saved views."""
