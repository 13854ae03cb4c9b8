import openai
from mock_provider import serve

import tknops_sdk

tknops_sdk.init()  # TKNOPS_URL, TKNOPS_API_KEY
client = tknops_sdk.wrap(openai.OpenAI(base_url=serve(), api_key="none"))


def summarise(customer, text):
    with tknops_sdk.attribute(customer=customer, feature="summarise"):
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": text}])


for customer, pages in (("acme", 30), ("globex", 200), ("initech", 70)):
    summarise(customer, "Four words a line. " * 100 * pages)
