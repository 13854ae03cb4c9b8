"""The WSGI application granian serves."""

import gc

from django.core.wsgi import get_wsgi_application

import tknops.celery  # noqa: F401 - what the pages queue is rung for at the configured broker

application = get_wsgi_application()

# A batch of events is tens of thousands of objects without cycles, which counting references
# frees: at its default of 700 the collector looks at them over and over, a quarter of the time.
gc.collect()
gc.freeze()
gc.set_threshold(100_000, 20, 20)
