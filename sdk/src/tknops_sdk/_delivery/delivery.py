"""From memory to the server: two steps that background threads repeat, or `flush` takes itself.

`collect` decides what goes to disk: everything while the server cannot be reached, what an answer
is awaited for longer than 0.3 s, what fills half the queue. `deliver` sends one batch.
The host's threads only append to the queue.
"""

from __future__ import annotations

import threading
import time
from typing import Callable, Optional

from tknops_sdk._delivery import dead_letters, tally
from tknops_sdk._delivery.answers import Answer, Decision, Fate, decide
from tknops_sdk._delivery.backoff import Backoff
from tknops_sdk._delivery.connection import Connection
from tknops_sdk._delivery.ledger import Ledger
from tknops_sdk._delivery.store import Store
from tknops_sdk._delivery.work import Work
from tknops_sdk._identity import Identity
from tknops_sdk._settings import Settings
from tknops_sdk._troubles import Troubles

_LATE = 0.3  # seconds an answer may take before its events are written to disk too
_HELD = 30.0  # seconds at least until a refused key is tried again
_SKEW = 120.0
_ADOPT_EVERY = 60.0
Post = Callable[[bytes, "dict[str, str]"], Answer]


class Delivery:
    """One per process and client; a forked child makes its own."""

    def __init__(
        self,
        settings: Settings,
        troubles: Troubles,
        *,
        post: Optional[Post] = None,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Begin empty; nothing is opened or started."""
        self.settings, self.troubles = settings, troubles
        self.ledger = Ledger(Identity())
        self.store = Store(settings, self.ledger, troubles, clock)
        self._tallies = tally.folder_of(settings)
        self.tally = tally.Tally.begin(self._tallies, self.ledger.identity.process)
        if self.tally is not None:
            self.ledger.identity.marks = self.tally.marks
        self._ended: list[tally.Ended] = []
        # When telling of one began, and whether that was the last thing sent.
        self._telling_since: Optional[float] = None
        self._told_last = False
        self.backoff = Backoff()
        self._connection = Connection(settings.url, settings.api_key, settings.timeout)
        self._post = post or self._connection.post
        self._monotonic, self._clock = monotonic, clock
        # Reentrant: SIGTERM may end the process in the middle of `stats`, in the same thread.
        self._lock = threading.RLock()
        self._sending = threading.Lock()
        self._handed: Optional[Work] = None
        self._most = settings.batch_size
        self._adopt_at = 0.0

    @property
    def waiting(self) -> int:
        """Own events that are neither settled nor lost."""
        with self._lock:
            handed = self._handed
            held = len(handed.events) if handed is not None and handed.segment is None else 0
            spooled = self.store.spool.waiting if self.store.spool is not None else 0
            return len(self.store.queue) + held + spooled

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits, adopted events included."""
        return not (self.store.queue or self._handed or self.store.has_backlog)

    def collect(self) -> None:
        """Write to disk what cannot be sent soon."""
        with self._lock:
            now = self._monotonic()
            handed = self._handed
            since = self._telling_since if handed is None else handed.since
            late = since is not None and now - since > _LATE
            if handed is not None and late and handed.segment is None:
                handed.segment = self.store.keep(handed.events, now, alone=True)  # type: ignore[assignment]
            crowded = len(self.store.queue) > self.settings.max_queue // 2
            if late or crowded or self.store.has_backlog or self.backoff.failures:
                self.store.spill(now)

    def deliver(self, *, timeout: Optional[float] = None) -> bool:
        """Send one batch if there is one and it may be sent; tell whether it was settled."""
        if not self._sending.acquire(blocking=False):
            return False
        try:
            with self._lock:
                self._adopt()
                ended = self._ended_next()
                work = None if ended is not None else self._next()
                self._told_last = ended is not None
            if ended is not None:
                return self._tell_of(ended, timeout)
            if work is None:
                return False
            self._connection.timeout = timeout or self.settings.timeout
            body = b"[" + b",".join(work.events) + b"]"
            answer = self._post(body, self.ledger.headers(work.events))
            decision = decide(answer, len(work.events))
            with self._lock:
                self._look_at(answer)
                return self._follow(work, decision)
        finally:
            self._sending.release()

    def _adopt(self) -> None:
        """Take over what ended processes left, once a minute."""
        now = self._monotonic()
        if now >= max(self._adopt_at, self.backoff.not_before) and self.store.spool is not None:
            self._adopt_at = now + _ADOPT_EVERY
            try:
                self.store.spool.adopt()
            except OSError:  # its files are being taken down by another
                self.troubles.note("spool_adopt", "events of an ended process could not be read")
            self._ended += tally.ended(self._tallies)

    def _next(self) -> Optional[Work]:
        now = self._monotonic()
        if now < self.backoff.not_before:
            return None
        if self._handed is not None:
            return self._handed
        work = self.store.backlog(self._most, now)
        if work is None and self.store.queue:
            work = self._handed = Work(self.store.take(self._most), now)
        return work

    def _ended_next(self) -> Optional[tally.Ended]:
        """Return an ended process nothing of which waits on disk; own events have their turns."""
        spool, now = self.store.spool, self._monotonic()
        if spool is None or not self._ended or now < self.backoff.not_before:
            return None
        if self._told_last and not self.is_idle:
            return None
        return next((one for one in self._ended if not spool.holds(one.process)), None)

    def _tell_of(self, ended: tally.Ended, timeout: Optional[float]) -> bool:
        """Tell the server how far a process came, unless it answered for all of it."""
        if not ended.is_settled:
            self._telling_since = self._monotonic()
            self._connection.timeout = timeout or self.settings.timeout
            headers = self.ledger.of_ended(ended.process, ended.created)
            decision = decide(self._post(b"[]", headers), 0)
            self._telling_since = None
            if decision.fate in {Fate.AGAIN, Fate.HELD}:
                self.backoff.fail(self._monotonic(), decision.wait)
                return False
        ended.take_down()
        self._ended.remove(ended)
        return True

    def _follow(self, work: Work, decision: Decision) -> bool:
        """Do what the answer means; tell whether the batch is settled or smaller now."""
        now = self._monotonic()
        if decision.fate is Fate.TOO_LARGE:
            self._halve(work)
            return True
        if decision.fate in {Fate.SETTLED, Fate.DEAD}:
            self.backoff.succeed()
            self._most = min(self.settings.batch_size, self._most * 2)
            self._settle(work, decision)
            return True
        self.ledger.retries += 1
        held = decision.fate is Fate.HELD
        self.backoff.fail(now, max(decision.wait, _HELD if held else 0.0))
        if held:
            self.troubles.note(f"http_{decision.status}", _HELD_TEXT.get(decision.status, _OTHER))
        else:
            self.troubles.note("unreachable", "the server cannot be reached: events are kept")
        self._keep(work, now)
        return False

    def _settle(self, work: Work, decision: Decision) -> None:
        counts = dict(decision.counts)
        dead = [index for index in decision.rejected if index < len(work.events)]
        if decision.fate is Fate.DEAD:
            counts = {"rejected": len(work.events)}
            dead = list(range(len(work.events)))
        if dead:
            codes = {place: decision.rejected.get(i, "") for place, i in enumerate(dead)}
            self._bury([work.events[index] for index in dead], codes, decision.status)
        self.ledger.settle(counts, work.events, is_own=work.is_own)
        if self.tally is not None:
            self.tally.settle(self.ledger.numbered)
        self.ledger.batches += 1
        self.ledger.last_success = self._clock()
        self.store.settle(work)
        if work is self._handed:
            self._handed = None

    def _bury(self, events: list[bytes], codes: dict[int, str], status: int) -> None:
        self.ledger.dead_letters += len(events)
        self.troubles.note("rejected", "the server refuses events: see `tknops-sdk spool list`")
        folder = self.settings.spool_folder
        if not dead_letters.bury(folder, self.ledger.identity.process, events, codes, status):
            self.troubles.note("dead_letters_full", "refused events could not be kept")

    def _keep(self, work: Work, now: float) -> None:
        """Bring a batch that failed to disk; without one it stays handed."""
        if work is self._handed:
            if work.segment is None:
                work.segment = self.store.keep(work.events, now, alone=True)  # type: ignore[assignment]
            if work.segment is not None:
                self._handed = None

    def _halve(self, work: Work) -> None:
        self._most = max(1, len(work.events) // 2)
        if work is self._handed:
            self._handed = None
            if work.segment is None:
                self.store.give_back(work.events)

    def _look_at(self, answer: Answer) -> None:
        self.ledger.last_status = answer.status
        said = answer.headers.get("date")
        if not said:
            return
        from email.utils import parsedate_to_datetime

        try:
            skew = parsedate_to_datetime(said).timestamp() - self._clock()
        except (TypeError, ValueError):
            return
        self.ledger.clock_skew = round(skew, 1)
        if abs(skew) > _SKEW:
            self.troubles.note("clock", "this machine's clock differs from the server's")

    def say_last(self, timeout: float) -> None:
        """Tell the server of drops it has not heard of, with an empty batch."""
        if self.ledger.dropped.values() != self.ledger.told and not self.backoff.failures:
            self._connection.timeout = timeout
            self._post(b"[]", self.ledger.headers([]))

    def rescue(self) -> None:
        """Bring everything to disk: the process ends."""
        with self._lock:
            now = self._monotonic()
            handed = self._handed
            if handed is not None and handed.segment is None:
                handed.segment = self.store.keep(handed.events, now, alone=True)  # type: ignore[assignment]
            self.store.spill(now)

    def leave(self) -> None:
        """Close connection and spool."""
        with self._lock:
            self._connection.close()
            if self.store.spool is not None:
                self.store.spool.close()
            for one in self._ended:
                one.let_go()
            if self.tally is not None:
                self.tally.let_go()

    def end_tally(self) -> None:
        """Leave no tally behind where the server answered for every event."""
        made, dropped = self.ledger.identity.made(), self.ledger.dropped.values()
        if self.tally is not None and self.ledger.numbered >= made and not dropped:
            self.tally.take_down()

    @property
    def has_heirlooms(self) -> bool:
        """Whether other processes may have left something to look after."""
        folder = self.settings.spool_folder
        return folder is not None and (folder.is_dir() or self.has_siblings)

    @property
    def has_siblings(self) -> bool:
        """Whether other processes run, or ended and the server was not told."""
        return bool(tally.others(self._tallies, self.ledger.identity.process))

    def let_go(self) -> None:
        """Close what a forked child inherited: locks held twice would outlive their process."""
        if self.store.spool is not None:
            self.store.spool.let_go()
        for one in (self.tally, *self._ended):
            if one is not None:
                one.let_go()


_OTHER = "the address or the key is not accepted: events are kept"
_HELD_TEXT = {
    200: "what answers is no tknOps server: events are kept; is the address right?",
    401: "the API key is not accepted (401): events are kept",
    403: "the API key lacks the scope events:write (403): events are kept",
    404: "the address is not that of a tknOps server (404): events are kept",
}
