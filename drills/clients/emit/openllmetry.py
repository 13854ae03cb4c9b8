"""OpenLLMetry: `openai`, `anthropic`, `langchain`, or all of them at once: `both`, `apart`."""

import sys

from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
from opentelemetry.instrumentation.langchain import LangchainInstrumentor
from opentelemetry.instrumentation.openai import OpenAIInstrumentor

from drills.clients.emit import anthropic_calls, langchain_calls, openai_calls, tracing

which = sys.argv[1]
provider = tracing.provider(together=which != "apart")
if which in {"openai", "both", "apart"}:
    OpenAIInstrumentor().instrument(tracer_provider=provider)
if which in {"anthropic", "both", "apart"}:
    AnthropicInstrumentor().instrument(tracer_provider=provider)
if which in {"langchain", "both", "apart"}:
    LangchainInstrumentor().instrument(tracer_provider=provider)
if which == "openai":
    openai_calls.call(tracing.whose)
elif which == "anthropic":
    anthropic_calls.call(tracing.whose)
else:
    langchain_calls.call(tracing.whose)
provider.shutdown()
