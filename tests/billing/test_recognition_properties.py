"""Whatever the lines: slices sum to them, deferred revenue reaches 0, and the roll-forward ties."""

import datetime as dt
import os
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.revenue.buckets import Buckets
from billing.revenue.deferred import RollForward, roll
from billing.revenue.recognition import recognised
from billing.revenue.rules import BAD_DEBT, LINE, Stream
from tknops.calendar import Period, add_months

EXAMPLES = int(os.environ.get("RECOGNITION_EXAMPLES", "50"))
FIRST = dt.date(2026, 1, 1)
DAYS = st.integers(0, 900).map(lambda n: FIRST + dt.timedelta(n))
AMOUNTS = st.integers(-(10**15), 10**15)


@st.composite
def streams(draw):
    start, length, issued = draw(DAYS), draw(st.integers(1, 800)), draw(DAYS)
    service = Period(start, start + dt.timedelta(length))
    kind = draw(st.sampled_from((LINE, LINE, BAD_DEBT)))
    return Stream(
        draw(st.integers(1, 3)), None, None, draw(st.sampled_from(("USD", "JPY"))), draw(AMOUNTS),
        service, kind, None, issued, 1,
    )  # fmt: skip


def split_at(edges):
    return [Period(a, b) for a, b in pairwise(sorted({*edges}))]


@settings(max_examples=EXAMPLES, deadline=None)
@given(streams(), st.sets(st.integers(1, 800), max_size=12))
def test_slices_over_any_split_sum_to_the_line(stream, cuts):
    start, end = stream.service.start, stream.service.end
    inside = {start + dt.timedelta(n) for n in cuts if n < stream.service.days}
    buckets = split_at({start, end, *inside})
    found = {bucket: amount for _, bucket, amount in Buckets(buckets).cut([stream])}
    assert sum(found.values()) == stream.amount_minor
    expected = {b: recognised(stream.amount_minor, stream.service, b) for b in buckets}
    assert found == {bucket: amount for bucket, amount in expected.items() if amount}


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(streams(), min_size=1, max_size=8), st.integers(1, 30), st.integers(1, 30))
def test_deferred_revenue_ties_and_reaches_0(lines, later, count):
    months = list(Period(FIRST, add_months(FIRST, 60)).months())
    inside = slice(later, later + count)
    whole, part = RollForward(months), RollForward(months[inside])
    for one in (whole, part):
        roll(one, lines)
        one.close()
    for key, found in whole.by_key.items():
        mine = [one for one in lines if (one.currency, one.billing_customer_id) == key]
        assert sum(month.invoiced for month in found) == sum(one.amount_minor for one in mine)
        assert sum(month.recognised + month.bad_debt for month in found) == sum(
            one.amount_minor for one in mine
        )
        assert (found[-1].closing, found[-1].unbilled) == (0, 0)
        # Rolled over some of the months it says the same: it opened with what was left then.
        assert found[inside] == part.read(key)
        for month, period in zip(found, months, strict=True):
            left = sum(_left(one, period.end) for one in mine)
            assert month.closing == left


def _left(stream, day):
    """Invoiced − recognised of a line before a day, by its definition."""
    done = min(max((day - stream.service.start).days, 0), stream.service.days)
    size, days = abs(stream.amount_minor), stream.service.days
    earned = (2 * size * done + days) // (2 * days) * (-1 if stream.amount_minor < 0 else 1)
    return (stream.amount_minor if stream.issued < day else 0) - earned


def test_a_service_after_the_months_is_deferred_whole():
    """30.00 invoiced on 20 January for 10 February to 12 March: nothing of it is January's."""
    january = Period(FIRST, add_months(FIRST, 1))
    service = Period(dt.date(2026, 2, 10), dt.date(2026, 3, 12))
    issued = dt.date(2026, 1, 20)
    found = RollForward([january])
    roll(found, [Stream(1, None, None, "USD", 3000, service, LINE, None, issued, 1)])
    (month,) = found.read(("USD", 1))
    assert (month.invoiced, month.recognised, month.closing) == (3000, 0, 3000)
