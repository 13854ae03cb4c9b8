"""Langfuse's SDK and LiteLLM's callbacks beside ours, in the same run and the same state.

LiteLLM is asked for mocked completions: bare, with a callback that does nothing, and with ours.
The difference to the bare call is what each costs the caller; LiteLLM calls back in a thread.
"""

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator

from drills.latency import measure, show

_KINDS = 0
_WARM = 20


def beside(state: str, url: str, calls: int, threads: int = 1) -> None:
    """Measure what is installed; `calls` of each in all."""
    os.environ.update(LITELLM_LOCAL_MODEL_COST_MAP="True", LANGFUSE_TRACING_ENVIRONMENT="drill")
    for name in ("langfuse", "LiteLLM", "opentelemetry", "httpx"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for measured in (_langfuse, _litellm):
        with contextlib.suppress(ImportError):
            for name, call in measured(url):
                for _ in range(_WARM):
                    call()
                show(f"{name}, {state}", measure(call, calls, threads))


def _langfuse(url: str) -> Iterator[tuple[str, Callable[[], object]]]:
    from langfuse import Langfuse

    global _KINDS
    _KINDS += 1  # one client per public key: each state has an address of its own
    client = Langfuse(public_key=f"p{_KINDS}", secret_key="s", base_url=url, timeout=2)

    def generation() -> None:
        span = client.start_observation(name="g", as_type="generation", model="gpt-5.1")
        span.update(usage_details={"input": 1200, "output": 300})
        span.end()

    yield "langfuse, one generation", generation


def _litellm(_url: str) -> Iterator[tuple[str, Callable[[], object]]]:
    import litellm
    from litellm.integrations.custom_logger import CustomLogger

    from tknops_sdk.integrations.litellm import TknopsLogger

    said = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "x"}],
        "mock_response": "y",
    }
    litellm.suppress_debug_info = True

    def call() -> object:
        return litellm.completion(**said)

    class Nothing(CustomLogger):  # type: ignore[misc]
        pass

    loggers = [("bare", None), ("an empty callback", Nothing()), ("ours", TknopsLogger())]
    for name, logger in loggers:
        for kept in ("callbacks", "success_callback", "failure_callback", "input_callback",
                     "_async_success_callback", "_async_failure_callback"):  # fmt: skip
            setattr(litellm, kept, [])
        litellm.callbacks = [logger] if logger is not None else []
        yield f"litellm mocked call, {name}", call
        time.sleep(0.5)  # its executor's work is not the next one's
