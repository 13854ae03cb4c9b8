"""Other spellings of a provider → its genai-prices id (OpenTelemetry's values included)."""

ALIASES = {
    "azure.ai.openai": "azure",
    "azure.ai.inference": "azure",
    "azure_openai": "azure",
    "az.ai.openai": "azure",
    "aws.bedrock": "aws",
    "aws_bedrock": "aws",
    "bedrock": "aws",
    "gcp.gemini": "google",
    "gcp.vertex_ai": "google",
    "gcp.gen_ai": "google",
    "gemini": "google",
    "vertex_ai": "google",
    "vertexai": "google",
    "mistral_ai": "mistral",
    "mistralai": "mistral",
    "x_ai": "x-ai",
    "xai": "x-ai",
    "together_ai": "together",
    "fireworks_ai": "fireworks",
    "cohere_ai": "cohere",
}


def canonical(name: str) -> str:
    """Return the provider's id; a name not known is kept as sent, in lower case."""
    lowered = name.strip().lower()
    return ALIASES.get(lowered, lowered)
