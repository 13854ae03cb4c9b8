"""Tell tknOps what each AI call cost and for which customer: usage only, never a prompt.

import tknops_sdk
tknops_sdk.init(url="https://tknops.example", api_key="tko_…")
client = tknops_sdk.wrap(openai.OpenAI())
with tknops_sdk.attribute(customer="acme", feature="chat"):
client.chat.completions.create(…)
"""

from tknops_sdk._attribution import attribute, carry, propagate
from tknops_sdk._client import close, flush, init, record, stats
from tknops_sdk._version import VERSION as __version__  # noqa: N811 - its usual name
from tknops_sdk._wrap import instrument, uninstrument, wrap

__all__ = [
    "__version__",
    "attribute",
    "carry",
    "close",
    "flush",
    "init",
    "instrument",
    "propagate",
    "record",
    "stats",
    "uninstrument",
    "wrap",
]
