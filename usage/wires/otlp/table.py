"""The one table of attribute names: every dialect and generation, best first within a field.

Read in: open-telemetry/semantic-conventions v1.27-v1.41 and semantic-conventions-genai
(`gen_ai.*`), Arize openinference spec/semantic_conventions.md (`llm.*`), traceloop
openllmetry semantic-conventions-ai (`gen_ai.*`, `llm.*`, `traceloop.*`), spans of anthropic's own
SDK. `since` says where a name comes from; an attribute that is not here, and not in the settings'
names, is never read.
"""

from typing import NamedTuple

VERSION = 1


class Name(NamedTuple):
    """A field of ours, the attribute it is read from, and which dialect names it so."""

    field: str
    attribute: str
    since: str


NAMES = (
    Name("provider", "gen_ai.provider.name", "otel 1.37"),
    Name("provider", "gen_ai.system", "otel 1.26, openllmetry"),
    Name("provider", "llm.provider", "openinference"),
    Name("provider", "llm.system", "openinference"),
    Name("provider", "llm.vendor", "openllmetry 0.0"),
    Name("model", "gen_ai.response.model", "otel 1.26, openllmetry"),
    Name("model", "llm.response.model_name", "openinference"),
    Name("model", "llm.response.model", "openllmetry 0.0"),
    Name("model", "gen_ai.request.model", "otel 1.26, openllmetry"),
    Name("model", "llm.model_name", "openinference"),
    Name("model", "llm.request.model_name", "openinference"),
    Name("model", "embedding.model_name", "openinference"),
    Name("model", "reranker.model_name", "openinference"),
    Name("model", "llm.request.model", "openllmetry 0.0"),
    Name("operation", "gen_ai.operation.name", "otel 1.27"),
    Name("operation", "openinference.span.kind", "openinference"),
    Name("operation", "llm.request.type", "openllmetry"),
    Name("operation", "traceloop.span.kind", "openllmetry"),
    Name("input_tokens", "gen_ai.usage.input_tokens", "otel 1.27"),
    Name("input_tokens", "gen_ai.usage.prompt_tokens", "otel 1.26, openllmetry"),
    Name("input_tokens", "llm.token_count.prompt", "openinference"),
    Name("input_tokens", "llm.usage.prompt_tokens", "openllmetry 0.0"),
    Name("output_tokens", "gen_ai.usage.output_tokens", "otel 1.27"),
    Name("output_tokens", "gen_ai.usage.completion_tokens", "otel 1.26, openllmetry"),
    Name("output_tokens", "llm.token_count.completion", "openinference"),
    Name("output_tokens", "llm.usage.completion_tokens", "openllmetry 0.0"),
    Name("cache_read.input_tokens", "gen_ai.usage.cache_read.input_tokens", "otel 1.39"),
    Name("cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens", "openllmetry"),
    Name("cache_read.input_tokens", "gen_ai.usage.cache_read_tokens", "pydantic-ai"),
    Name("cache_read.input_tokens", "llm.token_count.prompt_details.cache_read", "openinference"),
    Name("cache_creation.input_tokens", "gen_ai.usage.cache_creation.input_tokens", "otel 1.39"),
    Name("cache_creation.input_tokens", "gen_ai.usage.cache_write.input_tokens", "genai drafts"),
    Name("cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens", "openllmetry"),
    Name("cache_creation.input_tokens", "gen_ai.usage.cache_write_tokens", "pydantic-ai"),
    Name("cache_creation.input_tokens", "llm.token_count.prompt_details.cache_write",
         "openinference"),
    Name("cache_creation.1h.input_tokens",
         "anthropic.usage.cache_creation.ephemeral_1h_input_tokens", "anthropic sdk 2"),
    Name("reasoning.output_tokens", "gen_ai.usage.reasoning.output_tokens", "otel 1.40"),
    Name("reasoning.output_tokens", "gen_ai.usage.reasoning_tokens", "openllmetry"),
    Name("reasoning.output_tokens", "llm.token_count.completion_details.reasoning",
         "openinference"),
    Name("audio.input_tokens", "gen_ai.usage.audio.input_tokens", "genai drafts"),
    Name("audio.input_tokens", "llm.token_count.prompt_details.audio", "openinference"),
    Name("image.input_tokens", "gen_ai.usage.image.input_tokens", "genai drafts"),
    Name("video.input_tokens", "gen_ai.usage.video.input_tokens", "genai drafts"),
    Name("audio.output_tokens", "gen_ai.usage.audio.output_tokens", "genai drafts"),
    Name("audio.output_tokens", "llm.token_count.completion_details.audio", "openinference"),
    Name("total_tokens", "gen_ai.usage.total_tokens", "otel drafts"),
    Name("total_tokens", "llm.token_count.total", "openinference"),
    Name("total_tokens", "llm.usage.total_tokens", "openllmetry"),
    Name("service_tier", "openai.response.service_tier", "otel 1.38"),
    Name("service_tier", "gen_ai.openai.response.service_tier", "otel 1.27"),
    Name("service_tier", "anthropic.response.service_tier", "anthropic sdk 2"),
    Name("cost", "gen_ai.usage.cost", "in use"),
    Name("cost", "gen_ai.usage.total_cost", "in use"),
    Name("cost", "llm.cost.total", "openinference"),
    Name("environment", "deployment.environment.name", "otel 1.27"),
    Name("environment", "deployment.environment", "otel 1.0"),
    Name("service", "service.name", "otel 1.0"),
    Name("metadata", "metadata", "openinference"),
    Name("response", "gen_ai.response.id", "otel 1.27"),
    Name("parameters", "llm.invocation_parameters", "openinference"),
    Name("parameters", "embedding.invocation_parameters", "openinference"),
)  # fmt: skip

# Free-form properties: what stands behind the prefix is looked up among the settings' names.
PREFIXES = (
    "traceloop.association.properties.",
    "langfuse.trace.metadata.",
    "langfuse.observation.metadata.",
)
# The fields that make a span one of generative AI.
QUANTITIES = frozenset(name.field for name in NAMES if name.field.endswith("_tokens"))
GENERATIVE = QUANTITIES | {"provider", "model", "operation", "cost"}

# Operations and kinds whose spans hold other spans or call tools: what usage they state is
# that of the inference spans below them.
CONTAINERS = frozenset(
    (
        "execute_tool", "invoke_agent", "create_agent", "invoke_workflow", "plan", "retrieval",
        "chain", "agent", "tool", "retriever", "guardrail", "evaluator", "prompt", "workflow",
        "task", "execute_task",
    )
)  # fmt: skip
# Other dialects' kinds → OpenTelemetry's operation names.
OPERATIONS = {
    "llm": "chat",
    "embedding": "embeddings",
    "reranker": "rerank",
    "completion": "text_completion",
    "unknown": "",
}
