"""anthropic's SDK alone, which traces itself."""

from drills.clients.emit import anthropic_calls, tracing

provider = tracing.provider()
anthropic_calls.call(tracing.whose)
provider.shutdown()
