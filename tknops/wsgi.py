"""The WSGI applications granian serves: `application` answers everything, `doors` usage only."""

import gc
import sys

from django.conf import settings
from django.core.wsgi import get_wsgi_application

import tknops.celery  # noqa: F401 - what the pages queue is rung for at the configured broker
from tknops.allocators import give_back
from tknops.relay import Relay

give_back()
application = get_wsgi_application()

from usage.api.unhandled import refused  # noqa: E402 - once Django is set up

# Usage is taken in by this process, what computes by those at the socket.
doors = Relay(application, settings.ANSWERS_SOCKET, settings.ANSWERS_AT_ONCE, refused)

# A batch of events is tens of thousands of objects without cycles, which counting references
# frees. At its default of 700 the collector looks at them, and at all of Django, again and again.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 20)

# A report computes for seconds beside requests that need the interpreter for some microseconds
# between two waits for the database; at its default of 5 ms each of those would wait so long.
sys.setswitchinterval(0.0005)
