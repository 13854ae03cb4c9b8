"""Google's resource names of a model → the model and where it runs."""

import re

_RESOURCE = re.compile(
    r"(?:projects/[^/]+/locations/(?P<region>[^/]+)/)?(?:publishers/[^/]+/)?models/(?P<model>.+)"
)


def google_model(name: str) -> tuple[str, str | None]:
    """Return the model and its location, None where the name does not say."""
    found = _RESOURCE.fullmatch(name)
    return (found["model"], found["region"]) if found else (name, None)
