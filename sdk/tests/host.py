"""A host program that records and ends in some way: `python host.py MODE URL SPOOL COUNT`."""

import os
import signal
import sys
import threading
import time

import tknops_sdk

signal.alarm(90)  # whatever hangs or spins ends, also without the test that started it
MODE, URL, SPOOL, COUNT = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])


def begin(**more):
    tknops_sdk.init(url=URL, api_key="k", spool=SPOOL, **more)


def work(start=0):
    for number in range(COUNT):
        tknops_sdk.record("p", "m", {"input_tokens": start + number})


def child(start):
    work(start)


def busy_fork():
    """Fork again and again while other threads record: a lock held at a fork would hang here."""
    ending = threading.Event()
    made = []

    def record():
        own = 0
        while not ending.is_set():
            tknops_sdk.record("p", "thread", {"input_tokens": 1})
            own += 1
            if own % 5 == 0:
                time.sleep(0.001)
        made.append(own)

    threads = [threading.Thread(target=record) for _ in range(4)]
    for thread in threads:
        thread.start()
    children = []
    for _ in range(5):
        pid = os.fork()
        if pid == 0:
            work()
            tknops_sdk.close(5)
            os._exit(0)
        children.append(pid)
    codes = [os.waitpid(pid, 0)[1] for pid in children]
    ending.set()
    for thread in threads:
        thread.join()
    print(sum(made), codes)


def main():
    if MODE in {"gevent", "gevent-time"}:
        from gevent import monkey

        monkey.patch_all(time=MODE == "gevent")
        import gevent

        begin()
        begun = time.process_time()
        gevent.joinall([gevent.spawn(work, number) for number in range(5)])
        gevent.sleep(2)  # a thread of ours that never yields would hang here
        print(time.process_time() - begun)
        return
    begin()
    if MODE == "exit":
        work()
    elif MODE == "error":
        work()
        raise RuntimeError
    elif MODE == "sigterm":
        work()
        print("ready", flush=True)
        time.sleep(30)
    elif MODE == "own_sigterm":
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))
        begin()
        work()
        print("ready", flush=True)
        time.sleep(30)
    elif MODE == "kill":
        number = 0
        while True:
            tknops_sdk.record("p", "m", {"input_tokens": number})
            print(number, time.time(), flush=True)
            number += 1
            time.sleep(0.002)
    elif MODE == "fork":
        busy_fork()
    elif MODE.startswith("pool-"):
        import multiprocessing

        context = multiprocessing.get_context(MODE[5:])
        work()
        children = [context.Process(target=child, args=(1000 * n,)) for n in range(1, 4)]
        for one in children:
            one.start()
        for one in children:
            one.join()
    elif MODE == "asyncio":
        import asyncio

        async def tasks():
            await asyncio.gather(*(asyncio.to_thread(work, n) for n in range(3)))
            work(10)

        asyncio.run(tasks())
    elif MODE == "finalizer":

        class Late:
            def __del__(self):
                work()

        globals()["late"] = Late()
        threading.Timer(0, work).start()


if MODE.startswith("pool-") and __name__ != "__main__":
    begin()  # a spawned child imports this module again
if __name__ == "__main__":
    main()
