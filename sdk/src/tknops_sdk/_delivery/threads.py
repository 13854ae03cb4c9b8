"""The background threads: one keeps events safe, one sends; started with the first event."""

from __future__ import annotations

import threading
import time

from tknops_sdk._delivery.delivery import Delivery
from tknops_sdk._delivery.gate import Gate

_IDLE = 1.0
_URGENT = 0.002


class Threads:
    """Runs a delivery's steps; both threads are daemons, so they never hold the host's exit."""

    def __init__(self, delivery: Delivery) -> None:
        """Begin without threads."""
        self._delivery = delivery
        self.gate, self._send_gate = Gate(), Gate()
        # Nobody opens it. Waiting at it lets gevent's other greenlets run, whatever else of the
        # interpreter is patched; waiting at a gate one has opened oneself lets nobody run.
        self._pause = Gate()
        self._urgent = self._ending = False
        self.started = False
        self._starting = threading.Lock()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start them once; where no thread can be started, `flush` does their work."""
        if self.started or not self._starting.acquire(blocking=False):
            return
        self.started = True
        try:
            for target in (self._collect, self._send):
                thread = threading.Thread(target=target, name="tknops-sdk", daemon=True)
                thread.start()
                self._threads.append(thread)
        except RuntimeError:  # the interpreter is ending
            pass
        finally:
            self._starting.release()

    def _collect(self) -> None:
        delivery = self._delivery
        while not self._ending:
            self.gate.wait(_IDLE)
            if not self._urgent and delivery.store.queue:
                self.gate.wait(delivery.settings.interval / 2)
            try:
                delivery.collect()
                delivery.troubles.tell()
            except Exception:
                delivery.troubles.note("internal", "the SDK failed inside; its thread goes on")
            if not delivery.is_idle:
                self._send_gate.open()
                self._pause.wait(_URGENT if self._urgent else delivery.settings.interval)
                self.gate.open()

    def _send(self) -> None:
        delivery = self._delivery
        wait = 0.0  # what earlier processes left is sent at once
        while not self._ending:
            self._send_gate.wait(wait)
            wait = 60.0
            try:
                while delivery.deliver() and not self._ending:
                    pass
            except Exception:
                delivery.troubles.note("internal", "the SDK failed inside; its thread goes on")

    def flush(self, timeout: float, *, closing: bool = False) -> bool:
        """Send what was recorded until now; return whether all of it is settled.

        Where no thread runs, the caller does the work. A server that fails is asked once more,
        whatever the backoff says: this may be the last chance.
        """
        delivery = self._delivery
        end = time.monotonic() + timeout
        target = delivery.ledger.created.value()
        self._urgent = True
        failures = 0
        try:
            while time.monotonic() < end:
                if delivery.is_idle or delivery.ledger.settled >= target:
                    return True
                if delivery.backoff.failures:
                    if not failures:
                        failures = delivery.backoff.failures
                        delivery.backoff.hurry()
                    elif closing and delivery.backoff.failures > failures:
                        return False
                self.gate.open()
                if not self._is_running():
                    delivery.collect()
                    delivery.deliver(timeout=max(end - time.monotonic(), 0.1))
                self._pause.wait(_URGENT)
            return delivery.is_idle or delivery.ledger.settled >= target
        finally:
            self._urgent = False

    def _is_running(self) -> bool:
        return len(self._threads) == 2 and all(thread.is_alive() for thread in self._threads)

    def close(self, timeout: float) -> bool:
        """Flush, bring the rest to disk, end the threads."""
        end = time.monotonic() + timeout
        delivery = self._delivery
        done = False
        try:
            done = self.flush(max(timeout - 0.3, timeout / 2), closing=True)
            if not done:
                delivery.rescue()
            if done:
                delivery.say_last(max(end - time.monotonic(), 0.1))
                delivery.end_tally()
            delivery.troubles.tell()
        finally:
            self._ending = True
            self.gate.open()
            self._send_gate.open()
        for thread in self._threads:
            if thread is not threading.current_thread():
                thread.join(max(0.0, min(0.2, end - time.monotonic())))
        if not any(thread.is_alive() for thread in self._threads):
            delivery.leave()
        return done
