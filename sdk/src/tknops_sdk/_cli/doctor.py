"""Check what sending needs: address, key, clock, disk; send a test event."""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Optional

from tknops_sdk import _event
from tknops_sdk._attribution import NOBODY, Frame
from tknops_sdk._delivery.answers import Answer
from tknops_sdk._delivery.connection import Connection
from tknops_sdk._identity import Identity
from tknops_sdk._settings import Settings

_SKEW = 120
_MEANINGS = {
    0: "nothing answers there: is the address right, the server up, a proxy in between?",
    401: "the API key is not accepted: is it whole, expired or revoked?",
    403: "the API key lacks the scope events:write",
    404: "something else answers there: give the address without a path",
    429: "too many requests for this key now",
    503: "the server cannot write now",
}


def run(settings: Settings) -> int:
    """Print each check; return 0 if all passed."""
    checks = (("settings", _settings(settings)), ("spool", _spool(settings)))
    passed = _tell(*checks[0]) & _tell(*checks[1])
    if not settings.is_complete:
        return 1
    connection = Connection(settings.url, settings.api_key, settings.timeout)
    before = time.time()
    answer = connection.post(b"[]", {})
    took = time.time() - before
    passed &= _tell("address and key", _refusal(answer), f"answered in {took * 1000:.0f} ms")
    if answer.status != 200:
        return 1
    passed &= _tell("clock", _clock(answer))
    passed &= _tell("test event", _test(settings, connection), "stored; customer tknops-sdk-doctor")
    return 0 if passed else 1


def _tell(name: str, trouble: Optional[str], detail: str = "ok") -> bool:
    print(f"{'OK  ' if trouble is None else 'FAIL'}  {name}: {trouble or detail}")
    return trouble is None


def _settings(settings: Settings) -> Optional[str]:
    if not settings.url:
        return "no address: set TKNOPS_URL to https://…"
    if not settings.api_key:
        return "no API key: set TKNOPS_API_KEY to tko_…"
    return None if settings.is_complete else "the address is none: http://… or https://…"


def _spool(settings: Settings) -> Optional[str]:
    folder: Optional[Path] = settings.spool_folder
    if folder is None:
        return None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / "doctor"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        return f"{folder} cannot be written ({error.strerror}): an outage would use memory only"
    return None


def _refusal(answer: Answer) -> Optional[str]:
    if answer.status == 200:
        return None if b'"stored"' in answer.body else "what answers is no tknOps server"
    return f"{answer.status or 'no answer'}: {_MEANINGS.get(answer.status, 'not expected')}"


def _clock(answer: Answer) -> Optional[str]:
    try:
        skew = parsedate_to_datetime(answer.headers["date"]).timestamp() - time.time()
    except (KeyError, TypeError, ValueError):
        return None
    if abs(skew) <= _SKEW:
        return None
    return f"{abs(skew):.0f} s {'behind' if skew > 0 else 'ahead of'} the server's"


def _test(settings: Settings, connection: Connection) -> Optional[str]:
    event = _event.encode(
        Identity(), Frame(NOBODY, None), environment=settings.environment,
        said_of_call=("tknops", "doctor", None, "doctor", "test", None, None), usage=None,
        more={"customer": "tknops-sdk-doctor"},
    )  # fmt: skip
    answer = connection.post(b"[" + event + b"]", {})
    try:
        stored = json.loads(answer.body).get("stored") == 1
    except (ValueError, AttributeError):
        stored = False
    return None if answer.status == 200 and stored else f"answered {answer.status}"
