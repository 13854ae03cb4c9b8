"""Iterators that look at what passes through; the host gets the same items and exceptions."""

from __future__ import annotations

from typing import Any, Callable, Optional

from tknops_sdk._client import CLIENT
from tknops_sdk._wrap.call import CANCELLED, OK, Call

Reader = Callable[[Call, Any], None]
Hide = Callable[[Any], bool]


def look(reader: Reader, call: Call, item: Any) -> None:
    """Let a reader look; what it cannot read is counted, never raised."""
    try:
        reader(call, item)
    except Exception:
        CLIENT.troubles.note("wrapper", "an answer has another shape than known")


class _Watching:
    """What both kinds share: a stream that is let go of before its end is a cancelled call."""

    def __init__(self, inner: Any, call: Call, reader: Reader, hide: Optional[Hide]) -> None:
        self._inner, self._call, self._reader, self._hide = inner, call, reader, hide
        self.is_running = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def __del__(self) -> None:
        self._call.finish(CANCELLED)

    def _passes(self, item: Any) -> bool:
        look(self._reader, self._call, item)
        return self._hide is None or not self._hide(item)

    def closing(self) -> None:
        """Note that the answer is closed, unless that is the iterator's own end."""
        if not self.is_running:
            self._call.finish(CANCELLED)


class Observed(_Watching):
    """A synchronous iterator."""

    def __iter__(self) -> Observed:
        """Return itself."""
        return self

    def __next__(self) -> Any:
        """Return the next item that is the host's."""
        while True:
            self.is_running = True
            try:
                item = self._inner.__next__()
            except StopIteration:
                self._call.finish(OK)
                raise
            except BaseException as error:
                self._call.fail(error)
                raise
            finally:
                self.is_running = False
            if self._passes(item):
                return item


class AsyncObserved(_Watching):
    """An asynchronous iterator."""

    def __aiter__(self) -> AsyncObserved:
        """Return itself."""
        return self

    async def __anext__(self) -> Any:
        """Return the next item that is the host's."""
        while True:
            self.is_running = True
            try:
                item = await self._inner.__anext__()
            except StopAsyncIteration:
                self._call.finish(OK)
                raise
            except BaseException as error:
                self._call.fail(error)
                raise
            finally:
                self.is_running = False
            if self._passes(item):
                return item


def observe_stream(
    stream: Any, call: Call, reader: Reader, hide: Optional[Hide] = None
) -> None:  # fmt: skip
    """Look at the items of a client's stream object, which stays what it is.

    Its `_iterator` is what it iterates in itself; the HTTP answer's closing tells of its end
    where a helper around the stream closes only that.
    """
    is_async = hasattr(stream, "__aiter__")
    kind = AsyncObserved if is_async else Observed
    watching = kind(stream._iterator, call, reader, hide)
    stream._iterator = watching
    answer = getattr(stream, "response", None) or getattr(stream, "http_response", None)
    name = "aclose" if is_async else "close"
    close = getattr(answer, name, None)
    if close is None:
        return

    def closed() -> Any:
        watching.closing()
        return close()

    try:
        setattr(answer, name, closed)
    except AttributeError:
        pass
