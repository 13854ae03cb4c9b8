"""The Celery application: a doorbell; what must not be lost is a Job row or an unfolded batch."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tknops.settings")
app = Celery("tknops")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# For every thread: a web server's threads would else ring at the library's own default broker.
app.set_default()
