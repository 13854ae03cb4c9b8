"""Rest the cyclic collector while a batch is worked on.

Thousands of short-lived objects without cycles made it take half of the time; counting
references frees them all the same.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_lock = threading.Lock()
_resting = 0


@contextmanager
def resting() -> Iterator[None]:
    """Keep the collector off until the last thread inside has left."""
    global _resting  # noqa: PLW0603 - the collector is one per process
    with _lock:
        _resting += 1
        gc.disable()
    try:
        yield
    finally:
        with _lock:
            _resting -= 1
            if not _resting:
                gc.enable()
