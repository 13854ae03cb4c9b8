"""What a call costs the host, in µs: `record` and a wrapped call, whatever the server does.

python -m drills.latency [--calls 20000] [--peers]

Calls come in bursts of 50 with pauses, as an application's do; a full queue is tried by itself.
The machine's own pauses are in every figure: the controls show them without the SDK, and the CPU
time of a call leaves them out.
"""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import tknops_sdk

USAGE = {"input_tokens": 1200, "cache_read_tokens": 1024, "output_tokens": 300}
HERE = Path(__file__).parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def receiver(*said: str, port: int = 0) -> Iterator[str]:
    port = port or free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "drills.receiver", str(port), *said], cwd=HERE
    )
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
            break
        except OSError:
            time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def measure(call: Callable[[], object], calls: int, threads: int = 1) -> tuple[list[int], float]:
    """Time each call in ns, in bursts; also the mean CPU time of one in µs."""
    found: list[list[int]] = []
    spent: list[int] = []

    def work(count: int) -> None:
        times = []
        clock = time.perf_counter_ns
        begun_cpu = time.thread_time_ns()
        with tknops_sdk.attribute(customer="acme", feature="chat", tags={"release": "v1"}):
            for number in range(count):
                begun = clock()
                call()
                times.append(clock() - begun)
                if number % 50 == 49:
                    time.sleep(0.005)
        found.append(times)
        spent.append(time.thread_time_ns() - begun_cpu)

    running = [threading.Thread(target=work, args=(calls // threads,)) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    times = sorted(one for times in found for one in times)
    return times, sum(spent) / len(times) / 1000


def show(name: str, measured: tuple[list[int], float]) -> None:
    times, cpu = measured

    def at(part: float) -> float:
        return times[min(len(times) - 1, int(len(times) * part))] / 1000

    print(
        f"{name:<40} p50 {at(0.5):8.1f}   p99 {at(0.99):8.1f}   p99.9 {at(0.999):9.1f}"
        f"   CPU mean {cpu:7.1f} µs",
        flush=True,
    )


def plain() -> object:
    return tknops_sdk.record("openai", "gpt-5.1", USAGE, operation="chat")


def three() -> object:
    """Work of about the length of a record: what the machine's pauses do to it is no one's fault."""
    return json.dumps(USAGE), json.dumps(USAGE), json.dumps(USAGE)


def wrapped() -> tuple[Callable[[], object], Callable[[], object]]:
    """A client's `request` without a network, bare and observed."""
    from tknops_sdk._wrap.stainless import FAMILIES

    class Thing:
        def __init__(self, **fields: object) -> None:
            self.__dict__.update(fields)

    details = Thing(cached_tokens=1024, audio_tokens=0)
    usage = Thing(
        prompt_tokens=1200, completion_tokens=300, total_tokens=1500, prompt_tokens_details=details
    )
    answer = Thing(usage=usage, model="gpt-5.1", service_tier="default", id=None)
    options = Thing(method="post", url="/chat/completions", json_data={"model": "m"}, headers={})

    class Client:
        base_url = Thing(host="api.openai.com")

        def request(self, cast_to: object, options: object, *, stream: bool = False) -> object:
            return answer

    bare, client = Client(), Client()
    FAMILIES[0].wrap(client, None, None)
    return (lambda: bare.request(None, options), lambda: client.request(None, options))


def case(
    name: str, url: str, calls: int, *, threads: int = 1, peers: bool = False, **more: object
) -> None:
    folder = tempfile.mkdtemp(prefix="tknops-latency-")
    tknops_sdk.init(**{"url": url, "api_key": "k", "spool": folder, "timeout": 5, **more})
    bare, client = wrapped()
    plain()
    time.sleep(0.5)
    show(f"record, {name}", measure(plain, calls, threads))
    show(f"wrapped call, {name}", measure(client, calls, threads))
    show(f"  the bare call, {name}", measure(bare, calls, threads))
    if peers:
        from drills.peers import beside

        beside(name, url, max(calls // 20, threads * 5), threads)
    found = tknops_sdk.stats()
    tknops_sdk.close(2)
    kept = {key: found[key] for key in ("created", "stored", "waiting", "dropped")}
    print(f"    {kept}", flush=True)


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """Writing fails as on a full disk."""
    write = os.write

    def fail(descriptor: int, data: object) -> int:
        raise OSError(28, "No space left on device")

    os.write = fail
    try:
        yield
    finally:
        os.write = write


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--peers", action="store_true")
    asked = parser.parse_args()
    show("control: nothing", measure(lambda: None, asked.calls))
    show("control: json.dumps three times", measure(three, asked.calls))
    show("control: the same, 64 threads", measure(three, asked.calls, 64))
    beside = {"peers": asked.peers}
    with receiver() as url:
        case("server up", url, asked.calls, **beside)
        case("64 threads", url, asked.calls * 2, threads=64, **beside)
    with receiver("--slow", "3") as url:
        case("server slow (3 s)", url, asked.calls, **beside)
    down = f"http://127.0.0.1:{free_port()}"
    case("server down", down, asked.calls, **beside)
    with full_disk():
        case("server down, disk full", down, asked.calls, **beside)
        case("server down, disk and queue full", down, asked.calls, max_queue=100)


if __name__ == "__main__":
    main()
