"""What a provider calls its meters → our token classes, and how many units one of its units is."""

import re

from usage.tokens import PRICED

# The first that is found in a meter's words decides; words are lower case, separated by spaces.
_WORDS = (
    ("cache_write_1h_tokens", r"(ephemeral|cache write|cache creation).*\b1 ?h"),
    ("cache_write_tokens", r"cache (write|creation)|write to cache"),
    ("cache_read_audio_tokens", r"cached? audio|audio cached?( input)?"),
    ("cache_read_image_tokens", r"cached? images?|images? cached?( input)?"),
    ("cache_read_tokens", r"cache read|cached|cache hit|read from cache"),
    ("input_audio_tokens", r"audio input|input audio"),
    ("output_audio_tokens", r"audio output|output audio"),
    ("input_image_tokens", r"images? input|input images?"),
    ("output_image_tokens", r"images? output|output images?"),
    ("input_video_tokens", r"video input|input video"),
    ("output_video_tokens", r"video output|output video"),
    ("output_tokens", r"\b(output|completion|generated|thinking|reasoning)"),
    ("input_tokens", r"\b(input|prompt|uncached)"),
)
_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _WORDS)
_LETTERS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SCALES = {"k": 10**3, "thousand": 10**3, "m": 10**6, "million": 10**6, "mn": 10**6}
_UNIT = re.compile(
    r"(?P<number>\d[\d,]*)?\s*(?P<scale>k|m|mn|thousand|million)?s?\b\s*(?P<rest>.*)"
)


def token_class(meter: str) -> str:
    """Return the token class a meter's words mean; '' where they mean none."""
    if meter in PRICED:
        return meter
    words = re.sub(r"[^a-z0-9]+", " ", _LETTERS.sub(" ", meter).lower())
    return next((name for name, pattern in _PATTERNS if pattern.search(words)), "")


def units_of(unit: str) -> tuple[int, bool]:
    """Return how many single units one is and whether they are tokens: '1000 Tokens' → 1000."""
    text = re.sub(r"[_-]", " ", _LETTERS.sub(" ", unit)).lower().strip()
    found = _UNIT.fullmatch(text)
    if found is None or not (found["number"] or found["scale"]):
        return 1, "token" in text or not text
    number = int((found["number"] or "1").replace(",", ""))
    return number * _SCALES.get(found["scale"] or "", 1), "token" in text


def decimals_of(unit: str) -> int | None:
    """Return which power of ten of single units one is: 6 of '1M tokens'; None where it is none."""
    factor, _ = units_of(unit)
    digits = len(str(factor)) - 1
    return digits if factor == 10**digits else None
