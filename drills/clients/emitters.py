"""Who is driven: one line per library that reports calls, and how it is set up."""

from dataclasses import dataclass

UNLINKED = "two spans of one call, in requests apart, have nothing in common"


@dataclass(frozen=True, slots=True)
class Emitter:
    """A program of `emit` with its argument, in the environment of a requirements file.

    `gap` names what is known to go wrong with it, which fails no drill.
    """

    name: str
    requirements: str
    program: str
    argument: str = ""
    gap: str = ""

    @property
    def command(self) -> list[str]:
        """What to run with the environment's Python."""
        argument = [self.argument] if self.argument else []
        return ["-m", f"drills.clients.emit.{self.program}", *argument]


EMITTERS = [
    Emitter("anthropic-sdk", "otel-genai", "anthropic_sdk"),
    Emitter("otel-openai-v2", "otel-v2", "otel_openai_v2"),
    *(
        Emitter(f"otel-genai-{what}", "otel-genai", "otel_genai", what)
        for what in ("openai", "anthropic", "langchain")
    ),
    *(
        Emitter(f"{family}-{what}", family, family, what)
        for family in ("openinference", "openllmetry")
        for what in ("openai", "anthropic", "langchain", "both")
    ),
    *(
        Emitter(f"{family}-apart", family, family, "apart", UNLINKED)
        for family in ("openinference", "openllmetry")
    ),
    *(
        Emitter(f"litellm-{form.replace('_', '-')}", "litellm", "litellm_calls", form)
        for form in ("json_array", "ndjson", "single")
    ),
]
