"""Other spellings of a provider → its genai-prices id: OpenTelemetry's, LiteLLM's, usual ones."""

import re

# By their spelling without case and separators, so that Azure_OpenAI and azure-openai are one.
_SPELLINGS = {
    "anthropic": ("claude", "anthropictext"),
    "aws": (
        "amazon", "amazonbedrock", "awsbedrock", "bedrock", "bedrockconverse", "bedrockmantle",
        "amazonnova",
    ),
    "azure": (
        "azaiopenai", "azopenai", "azureai", "azureaifoundry", "azureaiinference", "azureaiopenai",
        "azureinference", "azureopenai", "azuretext", "microsoft", "microsoftfoundry",
    ),
    "cloudflare": ("cloudflareworkersai", "workersai"),
    "cohere": ("cohereai", "coherechat"),
    "databricks": ("databricksagent", "databricksmodelserving"),
    "deepseek": ("deepseekai",),
    "elevenlabs": ("11labs",),
    "fireworks": ("fireworksai", "fireworksaiembeddingmodels"),
    "github-copilot": (),
    "google": (
        "gcp", "gcpgemini", "gcpgenai", "gcpvertexai", "gemini", "genai", "googleaistudio",
        "googlegemini", "googlegenai", "googlegenerativeai", "googlevertex", "googlevertexai",
        "palm", "vertex", "vertexai", "vertexaianthropicmodels", "vertexaibeta",
        "vertexaiembeddingmodels", "vertexailanguagemodels", "vertexaimistralmodels",
    ),
    "groq": ("groqcloud",),
    "meta": ("metallama",),
    "mistral": ("codestral", "mistralai", "textcompletioncodestral"),
    "moonshotai": ("kimi", "moonshot"),
    "novita": ("novitaai",),
    "openai": ("chatgpt", "openaichat", "openairesponses", "textcompletionopenai"),
    "openrouter": (),
    "perplexity": ("perplexityai", "pplx"),
    "together": ("togetherai", "togethercomputer"),
    "voyageai": ("voyage",),
    "x-ai": ("grok", "xai"),
    "zai": ("zaiapi",),
    "zhipuai": ("bigmodel", "zhipu"),
}  # fmt: skip
_SEPARATORS = re.compile(r"[\s._/-]+")
ALIASES = {
    spelling: code
    for code, spellings in _SPELLINGS.items()
    for spelling in (_SEPARATORS.sub("", code), *spellings)
}
_known: dict[str, str] = {}
_LIMIT = 10_000


def canonical(name: str) -> str:
    """Return the provider's id; a name not known is kept as sent, in lower case."""
    if (code := _known.get(name)) is None:
        if len(_known) >= _LIMIT:
            _known.clear()
        lowered = name.strip().lower()
        code = _known[name] = ALIASES.get(_SEPARATORS.sub("", lowered), lowered)
    return code
