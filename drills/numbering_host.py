"""The host of drills.gaps: records from several threads, and says in a file what returned when.

python -m drills.numbering_host URL KEY SPOOL TRUTH THREADS
"""

import mmap
import random
import sys
import threading
import time
from pathlib import Path

import tknops_sdk


def main() -> None:
    """Record until killed."""
    url, key, spool, truth, threads = sys.argv[1:6]
    with Path(truth).open("r+b") as file:
        returned = memoryview(mmap.mmap(file.fileno(), 0)).cast("d")
    tknops_sdk.init(url=url, api_key=key, spool=spool, interval=0.1, timeout=3)

    def work() -> None:
        while True:
            for _ in range(random.randint(1, 40)):
                name = tknops_sdk.record("openai", "gpt-4o", {"input_tokens": 1}, customer="acme")
                returned[int(name[28:], 16)] = time.time()
            time.sleep(random.uniform(0.001, 0.02))

    for _ in range(int(threads)):
        threading.Thread(target=work).start()
    print(tknops_sdk.stats()["process"], flush=True)


if __name__ == "__main__":
    main()
