"""The WSGI application granian serves."""

import gc

from django.core.wsgi import get_wsgi_application

import tknops.celery  # noqa: F401 - what the pages queue is rung for at the configured broker

application = get_wsgi_application()

# A batch of events is tens of thousands of objects without cycles, which counting references
# frees. At its default of 700 the collector looks at them, and at all of Django, again and again.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)
