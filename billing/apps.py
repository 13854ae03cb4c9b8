"""What it earns and what is left."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """App configuration."""

    name = "billing"
