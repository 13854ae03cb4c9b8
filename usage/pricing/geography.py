"""Where a price holds: Bedrock's geography in the model id, and Anthropic's charge for the US."""

import re
from decimal import Decimal

_BEDROCK = re.compile(r"(?P<place>global|regional)\.(?P<model>.+)")
# Inference kept in the US costs 1.1 × every token price, from Claude 4.6 on
# (platform.claude.com, pricing, "Data residency").
_US_FACTOR = Decimal("1.1")
_US_SINCE = (4, 6)
_CLAUDE = re.compile(r"claude-[a-z]+-(?P<major>\d+)(?:-(?P<minor>\d))?")


def place(provider: str, model: str) -> tuple[str, str]:
    """Return the model and the region its price holds in, '' = wherever no other price does.

    The catalogue writes Bedrock's global profiles and its regional prices as models of their own.
    """
    if provider == "aws" and (found := _BEDROCK.fullmatch(model)):
        return found["model"], "global" if found["place"] == "global" else ""
    return model, ""


def region_factors(provider: str, model: str) -> dict[str, Decimal]:
    """Return the regions where a provider multiplies its token prices, and by what."""
    return {"us": _US_FACTOR} if provider == "anthropic" and _has_us(model) else {}


def _has_us(model: str) -> bool:
    found = _CLAUDE.fullmatch(model)
    return found is not None and (int(found["major"]), int(found["minor"] or 0)) >= _US_SINCE
