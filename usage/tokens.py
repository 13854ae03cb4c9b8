"""The only list of token classes: disjoint quantities of a call, each with its own price."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenClass:
    """A priced quantity: its column and field name, label, and the class whose price stands in.

    `falls_back_to` names the classes whose list price a provider charges where it publishes none
    for this one, the nearest first (without a cache discount cached input is billed as input).
    """

    name: str
    label: str
    is_input: bool
    falls_back_to: tuple[str, ...] = ()


TOKEN_CLASSES = (
    TokenClass("input_tokens", "Input", True),
    TokenClass("cache_read_tokens", "Cache read", True, ("input_tokens",)),
    TokenClass("cache_write_tokens", "Cache write", True, ("input_tokens",)),
    TokenClass("cache_write_1h_tokens", "Cache write 1 h", True),
    TokenClass("output_tokens", "Output", False),
    TokenClass("input_audio_tokens", "Audio input", True, ("input_tokens",)),
    TokenClass("output_audio_tokens", "Audio output", False, ("output_tokens",)),
    TokenClass("input_image_tokens", "Image input", True, ("input_tokens",)),
    TokenClass("output_image_tokens", "Image output", False, ("output_tokens",)),
    TokenClass("input_video_tokens", "Video input", True, ("input_tokens",)),
    TokenClass("output_video_tokens", "Video output", False, ("output_tokens",)),
    TokenClass(
        "cache_read_audio_tokens",
        "Cached audio",
        True,
        ("input_audio_tokens", "cache_read_tokens", "input_tokens"),
    ),
    TokenClass(
        "cache_read_image_tokens",
        "Cached images",
        True,
        ("input_image_tokens", "cache_read_tokens", "input_tokens"),
    ),
)
TOKENS = tuple(token.name for token in TOKEN_CLASSES)
INPUT_TOKENS = tuple(token.name for token in TOKEN_CLASSES if token.is_input)
# Information inside output_tokens: never priced by itself.
REASONING = "reasoning_tokens"
# Seconds, pages, searches … in millionths; what they count is the context's unit.
UNITS = "units"
PRICED = (*TOKENS, UNITS)
QUANTITIES = (*TOKENS, REASONING, UNITS)
# Classes a contract names together; each with its label.
TOKEN_GROUPS: dict[str, tuple[str, frozenset[str]]] = {
    "every_token": ("Every token class", frozenset(TOKENS)),
    "every_input": ("Every input class", frozenset(INPUT_TOKENS)),
    "every_output": ("Every output class", frozenset(TOKENS) - frozenset(INPUT_TOKENS)),
    "every_cache": ("Every cache class", frozenset(n for n in TOKENS if n.startswith("cache_"))),
    "every_cache_read": (
        "Every cache read", frozenset(n for n in TOKENS if n.startswith("cache_read_")),
    ),
    "every_cache_write": (
        "Every cache write", frozenset(n for n in TOKENS if n.startswith("cache_write_")),
    ),
}  # fmt: skip
# What a cached class costs before it is cached.
UNCACHED = {
    "cache_read_tokens": "input_tokens",
    "cache_write_tokens": "input_tokens",
    "cache_write_1h_tokens": "input_tokens",
    "cache_read_audio_tokens": "input_audio_tokens",
    "cache_read_image_tokens": "input_image_tokens",
}
UNIT_NAMES = (
    "request",
    "image",
    "second",
    "character",
    "page",
    "annotated_page",
    "search",
    "file_search",
    "rerank_search",
    "message",
    "classification",
    "reasoning_token",
    "citation_token",
    "request_low",
    "request_medium",
)
MAX_QUANTITY = 10**12
# Per event; more is stored and flagged, never refused.
SUSPICIOUS_QUANTITY = 10**9
