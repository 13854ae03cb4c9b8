"""Pages of the admin: each translates a request, asks a report, and renders it."""
