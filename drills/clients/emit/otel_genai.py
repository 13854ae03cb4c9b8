"""opentelemetry-instrumentation-genai-openai, -anthropic and -langchain, one after the other."""

import sys

from opentelemetry.instrumentation.genai.anthropic import AnthropicInstrumentor
from opentelemetry.instrumentation.genai.langchain import LangChainInstrumentor
from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor

from drills.clients.emit import anthropic_calls, langchain_calls, openai_calls, tracing

provider = tracing.provider()
which = sys.argv[1]
if which == "langchain":
    LangChainInstrumentor().instrument(tracer_provider=provider)
    langchain_calls.call(tracing.whose)
elif which == "anthropic":
    AnthropicInstrumentor().instrument(tracer_provider=provider)
    anthropic_calls.call(tracing.whose)
else:
    OpenAIInstrumentor().instrument(tracer_provider=provider)
    openai_calls.call(tracing.whose)
provider.shutdown()
