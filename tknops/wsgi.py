"""The WSGI application granian serves."""

from django.core.wsgi import get_wsgi_application

import tknops.celery  # noqa: F401 - what the pages queue is rung for at the configured broker

application = get_wsgi_application()
