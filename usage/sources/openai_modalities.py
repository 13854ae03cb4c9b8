"""Split OpenAI's totals by modality: each total includes its cached part, cached by modality."""

from usage.sources.adapter import Json
from usage.sources.reading import count, part, rest


def given(total: int, details: Json) -> tuple[dict[str, int], bool]:
    """Return the input classes and whether the parts contradict each other or the total.

    Cached tokens whose modality is not told count as text, as does what no detail names.
    """
    audio, image = count(details, "audio_tokens"), count(details, "image_tokens")
    cached, split = count(details, "cached_tokens"), part(details, "cached_tokens_details")
    cached_audio, cached_image = count(split, "audio_tokens"), count(split, "image_tokens")
    cached_text = rest(cached, cached_audio, cached_image)
    classes = {
        "input_tokens": rest(total, audio, image, cached_text),
        "input_audio_tokens": rest(audio, cached_audio),
        "input_image_tokens": rest(image, cached_image),
        "cache_read_tokens": cached_text,
        "cache_read_audio_tokens": cached_audio,
        "cache_read_image_tokens": cached_image,
    }
    return classes, sum(classes.values()) != total or cached_audio + cached_image > cached


def made(
    total: int, details: Json, *, rest_is: str = "output_tokens"
) -> tuple[dict[str, int], bool]:
    """Return the output classes and whether the parts exceed the total.

    `rest_is` is the class of what no detail names.
    """
    audio, image = count(details, "audio_tokens"), count(details, "image_tokens")
    text = count(details, "text_tokens")
    classes = {
        "output_tokens": text,
        "output_audio_tokens": audio,
        "output_image_tokens": image,
        "reasoning_tokens": count(details, "reasoning_tokens"),
    }
    classes[rest_is] += rest(total, text, audio, image)
    return classes, text + audio + image > total
