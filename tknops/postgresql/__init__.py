"""Django's engine for PostgreSQL, whose sessions give way where their process does."""
