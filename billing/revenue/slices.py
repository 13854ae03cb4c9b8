"""Revenue of any buckets of days, per customer, plan, currency and basis."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from billing.revenue.billed import billed_lines, credit_notes
from billing.revenue.buckets import Buckets, Cut, RateChanges
from billing.revenue.contra import contra
from billing.revenue.contracts import contracted_cuts
from billing.revenue.metered import Usage, accrued, drawn
from billing.revenue.policies import Policies
from billing.revenue.rules import BAD_DEBT, Stream
from tknops.calendar import Period


class RevenueSlice(NamedTuple):
    """What is recognised of a customer and plan in a bucket, in minor units of the currency.

    `rate_on`: the day at whose rate it is converted; None = the day of the bucket. `kind` says what
    record it is from, `method` by what an invoice without lines was split.
    """

    bucket: Period
    billing_customer_id: int
    customer_id: int | None
    plan: str | None
    currency: str
    amount_minor: int
    basis: str
    rate_on: dt.date | None = None
    kind: str = ""
    method: str = ""


def revenue_slices(
    buckets: Sequence[Period],
    own: Mapping[int, Sequence[Period]] | None = None,
    *,
    usage: Usage | None = None,
    policies: Policies | None = None,
    rate_changes: RateChanges | None = None,
) -> list[RevenueSlice]:
    """Recognise revenue in each bucket by the rules; splitting a bucket splits its slices exactly.

    `rate_changes` lists the days inside the buckets on which a currency's rate changes: what is
    converted at the rate of the day it is earned is cut there. `own`: finer buckets of the same
    days for some customers, by their id. `usage` reads what they used: without it no credit is
    drawn and nothing accrued. `policies` as read before.
    """
    cut = Buckets(buckets, own)
    if cut.empty:
        return []
    return [_slice(*one) for one in _cuts(cut, usage, policies or Policies(), rate_changes)]


def lowering_slices(buckets: Sequence[Period]) -> list[RevenueSlice]:
    """Recognise only what lowers billed revenue: credit notes and contra-revenue."""
    cut = Buckets(buckets)
    if cut.empty:
        return []
    streams = [*credit_notes(cut.whole), *(one.stream for one in contra(cut.whole))]
    return [_slice(*one) for one in cut.cut(streams)]


def _cuts(
    cut: Buckets, usage: Usage | None, policies: Policies, rate_changes: RateChanges | None
) -> Iterator[Cut]:
    lines = billed_lines(cut.whole, policies)
    yield from cut.cut(stream for stream in lines.streams if stream.kind != BAD_DEBT)
    yield from cut.cut(drawn(lines.purchases, cut.whole, policies, usage))
    if policies.has_contra:
        yield from cut.cut(one.stream for one in contra(cut.whole))
    yield from contracted_cuts(cut, lines.recurring, policies, rate_changes)
    # Accrued day by day already: each day has one rate.
    estimates = cut.cut(accrued(cut.whole, policies, usage))
    yield from ((one, one.service if rate_changes else part, m) for one, part, m in estimates)


def _slice(stream: Stream, bucket: Period, amount: int) -> RevenueSlice:
    billed, customer, plan, currency, _, _, kind, rate_on, _, _, method, basis = stream
    return RevenueSlice(
        bucket, billed, customer, plan, currency, amount, basis, rate_on, kind, method
    )
