"""Page numbers in addresses."""

from django.http import HttpRequest

_LAST = 10_000


def page_number(request: HttpRequest, name: str) -> int:
    """Read ?name=2; anything else is the first page."""
    text = request.GET.get(name, "")
    if not text.isdecimal() or len(text) > len(str(_LAST)):
        return 1
    return min(max(1, int(text)), _LAST)
