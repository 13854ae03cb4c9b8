"""What happened and what it costs."""

from django.apps import AppConfig


class UsageConfig(AppConfig):
    """App configuration."""

    name = "usage"
