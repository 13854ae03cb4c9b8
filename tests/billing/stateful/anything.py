"""Anything that may be sent or set, with what makes collisions likely."""

import datetime as dt

from hypothesis import strategies as st

from tests.billing.stateful.model import Rule

FIRST, LAST = dt.date(2026, 1, 25), dt.date(2026, 3, 5)
DIMENSIONS = (
    "customer", "plan", "feature", "team", "end_user", "model", "provider", "source", "outcome",
    "unit", "customer_reference", "environment", "tag.release", "customer.tier", "day", "month",
    "cost_class",
)  # fmt: skip
CUSTOMERS = ("c1", "c2", "c3")
REFERENCES = {
    "customer": (*CUSTOMERS, "old", "stranger", ""),
    "user": ("u1", "u2", ""),
    "team": ("t1", ""),
    "feature": ("chat", "search", "f9"),
}
TARGETS = {
    "customer": CUSTOMERS,
    "user": ("u1", "known"),
    "team": ("t1", "core"),
    "feature": ("chat",),
}

days = st.dates(FIRST, LAST)
money = st.decimals(0, 1000, places=10)
moments = st.builds(
    lambda day, second: dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(seconds=second),
    days, st.sampled_from((0, 17_999, 18_000, 43_200, 65_700, 86_399)),
)  # fmt: skip
counts = st.fixed_dictionaries(
    {"input_tokens": st.sampled_from((0, 1, 7, 1000, 1001, 10**12))},
    optional={
        "cache_read_tokens": st.integers(0, 5),
        "output_tokens": st.integers(0, 10**6),
        "reasoning_tokens": st.just(0),
        "units": st.integers(1, 9).map(lambda n: n * 10**6),
    },
)
stated = st.none() | st.tuples(
    st.decimals(0, 10, places=6).map(str), st.sampled_from(("USD", "USD", "EUR"))
)


rules = st.builds(
    lambda to, sent, overrides, start, length: Rule(
        *to, *sent, overrides, start, start and length and start + dt.timedelta(length)
    ),
    st.sampled_from((
        *(("customer", customer) for customer in CUSTOMERS), ("feature", "ruled"),
        ("team", "ruled"), ("cost_class", "OPEX"), ("cost_class", "INTERNAL"),
    )),
    st.sampled_from((
        ("customer", "stranger"), ("customer", "c1"), ("customer", ""), ("feature", "search"),
        ("team", ""), ("model", "b"), ("release", "1"), ("release", ""),
    )),
    st.booleans(), st.none() | days, st.none() | st.integers(1, 30),
)  # fmt: skip


@st.composite
def calls(draw, times=moments):
    used = draw(counts)
    sent = {kind: draw(st.sampled_from(references)) for kind, references in REFERENCES.items()}
    sent["model"] = draw(st.sampled_from(("a", "b", "b", "unknown")))
    sent["outcome"] = draw(st.sampled_from(("ok", "ok", "error")))
    sent["unit"] = "search" if "units" in used else ""
    sent["release"] = draw(st.sampled_from(("", "1", "2")))
    return {
        "time": draw(times), "sent": tuple(sorted(sent.items())),
        "counts": tuple(sorted(used.items())), "stated": draw(stated),
    }  # fmt: skip
