"""Background work whose truth is a row."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """App of the Job model."""

    name = "tknops.jobs"
    label = "jobs"
