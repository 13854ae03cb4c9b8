"""Random cells of random reports of the demo company, traced to their lines and back.

python -m drills.trace_cells [--cells 1000] [--events 20000] [--seed 1]

Every 50 cells it says how far it is and what was the slowest question since; at the end how long
each kind of question took, and the most memory each process of the web server ever held.
"""

import argparse
import http.client
import json
import random
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path
from urllib.parse import urlencode

from drills.installation import installation

_DIMENSIONS = (
    "customer", "plan", "feature", "team", "end_user", "provider", "model", "environment",
    "source", "outcome", "cost_class", "customer_reference", "day", "month", "tag.release",
    "customer.segment", "customer.region",
)  # fmt: skip
_CELLS_OF_A_REPORT = 10
_LONGEST = 2_000
_TOLD_EVERY = 50
_CLASSES = ("input_tokens", "cache_read_tokens", "output_tokens")


def main() -> None:
    """Build the company, ask, compare, print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--cells", type=int, default=1000)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with installation(Path(tempfile.mkdtemp(prefix="tknops-drill-")) / "data") as (made, _):
        url = f"http://127.0.0.1:{made.port}"
        made.manage("demo", "--events", str(asked.events), "--url", url)
        key = made.manage("create_api_key", "--source", "drill", "--scope", "reports:read")
        ask = _Reader(made.port, key.strip().splitlines()[-1])
        [(first, last)] = made.sql(
            "SELECT min(occurred_at)::date, max(occurred_at)::date FROM usage_usageevent"
        )
        began = time.monotonic()
        done = _trace(ask, first, last, asked.cells, random.Random(asked.seed))
        seconds = time.monotonic() - began
        peaks = made.web_memory()
    print(
        f"{done['cells']:,} cells of {done['reports']:,} reports by {len(_DIMENSIONS)} dimensions, "
        f"{done['lines']:,} lines in {done['pages']:,} pages, {done['back']:,} lines traced back, "
        f"in {seconds:.0f} s"
    )
    print(
        f"sum of lines = cell to the last digit: {done['equal']:,}; said so by the API: "
        f"{done['said']:,}; line back to its cell: {done['home']:,}; differences {done['wrong']}"
    )
    for kind, taken in sorted(ask.taken.items()):
        taken.sort()
        print(
            f"{kind:24} {len(taken):7,} asked, ms: median {1000 * statistics.median(taken):6.0f}, "
            f"p95 {1000 * taken[len(taken) * 95 // 100]:6.0f}, longest {1000 * taken[-1]:6.0f}"
        )
    print("most memory of the web's processes, MB:", ", ".join(f"{peak:.0f}" for peak in peaks))


class _Reader:
    """One connection that asks the API, and how long each kind of question took."""

    def __init__(self, port: int, key: str) -> None:
        """Connect lazily."""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Authorization": f"Bearer {key}"}
        self.taken: dict[str, list[float]] = defaultdict(list)
        self.began = time.monotonic()
        self.slowest = (0.0, "")

    def __call__(self, path: str, **query: object) -> dict:
        """Ask and read the answer."""
        address = f"{path}?{urlencode(query, doseq=True)}"
        began = time.monotonic()
        self.connection.request("GET", f"/api/v1/{address}", headers=self.headers)
        answer = self.connection.getresponse()
        text = answer.read()
        taken = time.monotonic() - began
        kind = path.partition("/")[0] if path.startswith("events/") else path
        self.taken[f"{kind}, next page" if "cursor" in query else kind].append(taken)
        self.slowest = max(self.slowest, (taken, address))
        if answer.status != http.client.OK:
            message = f"{path} {query}: {answer.status} {text[:300]!r}"
            raise RuntimeError(message)
        return json.loads(text)

    def tell(self, done: Counter) -> None:
        """Print how far it is, and the slowest question since it was last asked."""
        taken, address = self.slowest
        print(
            f"{done['cells']:6,} cells, {time.monotonic() - self.began:4.0f} s; "
            f"slowest {1000 * taken:.0f} ms: {address[:200]}",
            flush=True,
        )
        self.slowest = (0.0, "")


def _trace(ask: _Reader, first, last, cells: int, chance: random.Random) -> Counter:
    done: Counter[str] = Counter()
    while done["cells"] < cells:
        by = chance.sample(_DIMENSIONS, chance.randint(1, 4))
        days = {"start": first.isoformat(), "end": last.isoformat()}
        if chance.random() < 0.7:
            bounds = sorted(chance.sample(range(first.toordinal(), last.toordinal()), 2))
            days = {n: first.fromordinal(d).isoformat() for n, d in zip(days, bounds, strict=True)}
        report = ask("reports/margin", by=by, **days)
        done["reports"] += 1
        rows = [row for row in report["rows"] if 0 < row["events"] <= _LONGEST]
        for row in chance.sample(rows, min(len(rows), _CELLS_OF_A_REPORT, cells - done["cells"])):
            _one(ask, row, by, days, chance, done)
            if done["cells"] % _TOLD_EVERY == 0:
                ask.tell(done)
    return done


def _one(ask: _Reader, row: dict, by: list, days: dict, chance: random.Random, done: Counter):
    keys = {name: row[name] for name in by}
    lines, pages = _lines(ask, {**days, **keys}, chance)
    equal = _sums(lines) == _figures(row)
    line = chance.choice(lines)
    cells = ask(f"events/{line['event']}", by=by)["lines"]
    home = any(
        cell["keys"] == keys and cell["line"]["cost"] == line["cost"]
        for one in cells
        if (one["source"], one["line"]) == (line["source"], line["line"])
        for cell in one["cells"]
    )
    said = all(page["equal"] for page in pages)
    done.update(
        cells=1, lines=len(lines), pages=len(pages), back=1, equal=equal, said=said, home=home,
        wrong=not (equal and said and home),
    )  # fmt: skip
    if not (equal and said and home):
        print("differs:", days, keys, {"equal": equal, "said": said, "home": home})


def _lines(ask: _Reader, query: dict, chance: random.Random) -> tuple[list, list]:
    size = chance.choice((7, 100, 1000))
    pages = [ask("reports/trace", page_size=size, **query)]
    while (cursor := pages[-1]["next_cursor"]) and len(pages) < _LONGEST:
        pages.append(ask("reports/trace", page_size=1000, cursor=cursor, **query))
    return [line for page in pages for line in page["lines"]], pages


def _sums(lines: list) -> tuple:
    counted = Counter()
    for line in lines:
        for part in line["quantities"]:
            counted[part["name"]] += part["quantity"]
    return (
        sum(line["events"] for line in lines),
        *(counted[name] for name in _CLASSES),
        sum((Fraction(line["cost"] or 0) for line in lines), Fraction(0)),
        sum(line["unpriced_tokens"] for line in lines),
        sum(line["unpriced_events"] for line in lines),
    )


def _figures(row: dict) -> tuple:
    return (
        row["events"],
        *(row[name] for name in _CLASSES),
        Fraction(row["cost"] or 0),
        row["unpriced_tokens"],
        row["unpriced_events"],
    )


if __name__ == "__main__":
    main()
