"""The host of drills.kills: records, and says each id and when."""

import sys
import time

import tknops_sdk

tknops_sdk.init(url=sys.argv[1], api_key="k", spool=sys.argv[2])
while True:
    name = tknops_sdk.record("p", "m", {"input_tokens": 1})
    sys.stdout.write(f"{name} {time.time()}\n")
    sys.stdout.flush()
    time.sleep(0.004)
