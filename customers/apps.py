"""Who: customers, their people and teams."""

from django.apps import AppConfig


class CustomersConfig(AppConfig):
    """App configuration."""

    name = "customers"
