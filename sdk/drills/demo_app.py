"""The application of the README against a provider on this machine: three customers, one call each.

TKNOPS_URL=… TKNOPS_API_KEY=… python -m drills.demo_app
"""

import sys
from pathlib import Path

import openai

import tknops_sdk

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from provider import Provider

provider = Provider()
tknops_sdk.init()
client = tknops_sdk.wrap(openai.OpenAI(api_key="none", base_url=f"{provider.url}/v1"))


def summarise(customer: str, text: str) -> object:
    with tknops_sdk.attribute(customer=customer, feature="summarise"):
        return client.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": text}]
        )


for customer in ("acme", "globex", "initech"):
    summarise(customer, "Say hello.")
print(tknops_sdk.flush(10), tknops_sdk.stats())
