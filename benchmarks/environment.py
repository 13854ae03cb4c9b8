"""Django set up for a benchmark, as the owner of the database: import this before any model."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tknops.settings")
os.environ.setdefault("TKNOPS_DB_ROLE", "owner")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

import django

django.setup()
