"""opentelemetry-instrumentation-openai-v2."""

from opentelemetry.instrumentation.openai_v2 import OpenAIInstrumentor

from drills.clients.emit import openai_calls, tracing

provider = tracing.provider()
OpenAIInstrumentor().instrument(tracer_provider=provider)
openai_calls.call(tracing.whose)
provider.shutdown()
