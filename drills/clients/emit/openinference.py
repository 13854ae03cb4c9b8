"""OpenInference: `openai`, `anthropic`, `langchain`, or all of them at once: `both`, `apart`."""

import contextlib
import sys
from collections.abc import Iterator

from openinference.instrumentation import using_attributes
from openinference.instrumentation.anthropic import AnthropicInstrumentor
from openinference.instrumentation.langchain import LangChainInstrumentor
from openinference.instrumentation.openai import OpenAIInstrumentor

from drills.clients.emit import anthropic_calls, langchain_calls, openai_calls, tracing

which = sys.argv[1]
provider = tracing.provider(together=which != "apart")


@contextlib.contextmanager
def whose(case: str) -> Iterator[None]:
    """Say whose it is as OpenInference does: metadata, in JSON."""
    said = {"customer.id": "acme", "feature": "drill", "drill.case": case}
    with using_attributes(metadata=said):
        yield


if which in {"openai", "both", "apart"}:
    OpenAIInstrumentor().instrument(tracer_provider=provider)
if which in {"anthropic", "both", "apart"}:
    AnthropicInstrumentor().instrument(tracer_provider=provider)
if which in {"langchain", "both", "apart"}:
    LangChainInstrumentor().instrument(tracer_provider=provider)
if which == "openai":
    openai_calls.call(whose)
elif which == "anthropic":
    anthropic_calls.call(whose)
else:
    langchain_calls.call(whose)
provider.shutdown()
