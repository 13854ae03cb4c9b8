"""After every step of any history all reports equal a plain model, to the last digit.

STATEFUL_SEQUENCES=1000 runs more of them than the suite does; `-s` prints how many.
"""

import datetime as dt
import os
import random
import sys
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing.margin import margin, segments
from billing.margin.rendering import as_csv
from billing.trace import trace
from tests.billing.stateful import product
from tests.billing.stateful.anything import (
    CUSTOMERS,
    DIMENSIONS,
    FIRST,
    LAST,
    REFERENCES,
    TARGETS,
    calls,
    days,
    money,
    rules,
)  # fmt: skip
from tests.billing.stateful.compared import figures, there, total_of
from tests.billing.stateful.model import Bill, Call, Model, Stay
from tknops.calendar import Period
from usage.attribution import attribute, revert
from usage.cube import compact, fold, rebuild, verify
from usage.ingest import intern, tags

SEQUENCES = int(os.environ.get("STATEFUL_SEQUENCES", "8"))
STEPS = 12
TRACED = 0.4
BY_PLAN = 0.3
WHOLE = Period(dt.date(2026, 1, 1), dt.date(2026, 4, 1))
done = Counter()


class AnyHistory(RuleBasedStateMachine):
    """The product and the model, stepped together."""

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()  # of one that runs out of data before it begins, too

    @initialize(
        zone=st.sampled_from(("UTC", "America/New_York", "Asia/Kathmandu")),
        seed=st.integers(0, 2**32),
        sent=st.lists(calls(), min_size=4, max_size=8),
        large=st.sampled_from((1, 4, segments.LARGE)),
    )
    def begin(self, zone, seed, sent, large):
        self.stack.enter_context(patch.object(segments, "LARGE", large))
        self.stack.enter_context(transaction.atomic())
        self.stack.callback(transaction.set_rollback, True)
        self.stack.enter_context(override_settings(REPORTING_ZONE=ZoneInfo(zone)))
        intern.forget()
        tags.forget()
        self.chance = random.Random(seed)
        self.model = Model(ZoneInfo(zone))
        self.client, self.post = product.door()
        self.numbers = iter(range(10**6))
        for customer in CUSTOMERS:
            self.name(("customer", customer, customer))
        for kind in ("feature", "team"):
            self.name((kind, "ruled", "ruled"))
        for key, value in (
            (("a", "input_tokens", 0, "LIST"), "2.5"),
            (("a", "output_tokens", 0, "LIST"), "10"),
            (("b", "input_tokens", 0, "LIST"), "0.1234567891"),
            (("b", "input_tokens", 1000, "LIST"), "3"),
            (("b", "units", 0, "LIST"), "10000"),
        ):
            self.set_price(key, value, FIRST)
        for plan, price in (("one", "7"), ("two", "12.34")):
            self.subscribe("c1", plan, Decimal(price), 1, FIRST, 0)
        self.send(sent)
        self.fold()
        done["sequences"] += 1

    def teardown(self):
        try:
            if sys.exc_info()[0] is None:  # else that is what went wrong
                assert verify() == []
        finally:
            self.stack.close()

    # Steps of usage

    def send(self, fields, statuses=None):
        sent = [Call(**{"id": str(next(self.numbers))} | one) for one in fields]
        expected = [self.model.take(call) for call in sent]
        assert self.post(sent) == expected
        assert statuses is None or set(expected) == statuses

    @rule(sent=st.lists(calls(), min_size=1, max_size=4), folded=st.booleans())
    def ingest(self, sent, folded):
        self.send(sent)
        if folded:
            self.fold()

    @rule(sent=calls(times=st.just(dt.datetime(2026, 1, 31, 23, 59, 59, tzinfo=dt.UTC))))
    @precondition(lambda self: self.model.folded)
    def ingest_late(self, sent):
        self.send([sent])
        self.fold()

    def again(self, **changed):
        call = self.chance.choice(list(self.model.calls.values()))
        return {**vars(call), **changed}

    @rule()
    @precondition(lambda self: self.model.calls)
    def ingest_duplicate(self):
        self.send([self.again(), self.again()], {"duplicate"})

    @rule()
    @precondition(lambda self: self.model.calls)
    def ingest_more_of_the_same(self):
        """Add to what one cell of the cube holds, in another segment."""
        more = self.again()
        for _ in range(2):
            self.send([{**more, "id": str(next(self.numbers))}], {"stored"})
            self.fold()

    @rule()
    @precondition(lambda self: self.model.calls)
    def ingest_conflict(self):
        self.send([self.again(counts=(("input_tokens", 123_456),))], {"conflict"})

    # Steps of prices

    def set_price(self, key, value, day):
        self.model.prices[key].set(day, value)
        product.write_price(key, self.model.prices[key])

    @rule(
        model=st.sampled_from(("a", "b", "unknown")),
        name=st.sampled_from(("input_tokens", "cache_read_tokens", "units")),
        kind=st.sampled_from(("LIST", "CONTRACTED")), value=st.none() | money, day=days,
    )  # fmt: skip
    def change_price(self, model, name, kind, value, day):
        self.set_price((model, name, 0, kind), value, day)

    @rule(value=money, day=days)
    def change_price_above_threshold(self, value, day):
        self.set_price(("b", "input_tokens", 1000, "LIST"), value, day)

    @rule(threshold=st.sampled_from((1, 6, 500)), value=money, day=days)
    def add_threshold(self, threshold, value, day):
        self.set_price(("a", "input_tokens", threshold, "CONTRACTED"), value, day)
        self.fold()

    @rule(value=st.none() | money, day=days)
    def change_price_and_back(self, value, day):
        key = ("b", "input_tokens", 0, "LIST")
        steps = self.model.prices[key]
        before, kept = self.rows(), dict(steps.changes)
        self.set_price(key, value, day)
        self.compare()
        steps.changes = kept
        product.write_price(key, steps)
        assert self.rows() == before

    def rows(self):
        return as_csv(margin(by=["customer", "model", "day"], period=WHOLE))

    # Steps of meaning

    @rule(
        named=st.sampled_from(sorted(REFERENCES)).flatmap(
            lambda kind: st.tuples(
                st.just(kind),
                st.sampled_from([one for one in REFERENCES[kind] if one]),
                st.none() | st.sampled_from(TARGETS[kind]),
            )
        )
    )
    def name(self, named):
        """Let a reference be another name of a target, or of nobody."""
        kind, reference, target = named
        known = self.model.names[kind]
        if known.get(reference) == reference:
            return  # it has a row of its own, which wins over aliases
        known.pop(reference, None)
        product.write_name(kind, reference, target)
        if target is not None:
            known |= {reference: target, target: target}

    @rule()
    def derive(self):
        attribute(reason="test")
        self.model.derive({call.sent for call in self.model.calls.values()})

    @rule(
        customer=st.sampled_from(CUSTOMERS), value=st.sampled_from((None, "gold", "tin")), day=days
    )
    def change_tier(self, customer, value, day):
        self.model.tiers[customer].set(day, value)
        product.write_tier(customer, self.model.tiers[customer])

    def set_rules(self, rules):
        self.model.rules = rules
        run = product.write_rules(rules)
        self.model.derive({call.sent for call in self.model.calls.values()})
        return run

    @rule(added=rules)
    def add_rule(self, added):
        self.set_rules([*self.model.rules, added])

    @rule(start=st.none() | days, end=st.none() | days)
    @precondition(lambda self: self.model.rules)
    def change_days_of_a_rule(self, start, end):
        number = self.chance.randrange(len(self.model.rules))
        if start is None or end is None or start < end:
            changed = replace(self.model.rules[number], start=start, end=end)
            kept = self.model.rules
            self.set_rules([*kept[:number], changed, *kept[number + 1 :]])

    @rule(added=rules, first=st.booleans())
    def change_rules_and_revert(self, added, first):
        self.derive()
        before, kept = self.rows(), self.model.rules
        run = self.set_rules([added, *kept] if first else [added])
        self.compare()
        revert(run=run)
        self.model.rules = kept
        self.derive()
        assert self.rows() == before

    @rule(
        minor=st.integers(-(10**6), 10**7), start=days, length=st.integers(1, 20),
        method=st.sampled_from(("DIRECT_COST", "TOKENS", "EVENLY", "WEIGHTS")),
        bearer=st.sampled_from(("customer", "plan", "feature")),
    )  # fmt: skip
    def share_cost(self, minor, start, length, method, bearer):
        end = start + dt.timedelta(length)
        bearer = "customer" if method == "WEIGHTS" else bearer
        self.model.pools.append(minor)
        product.write_pool(len(self.model.pools), minor, start, end, method, bearer)

    # Steps of revenue

    @rule(
        customer=st.sampled_from(CUSTOMERS), plan=st.sampled_from(("one", "two", "three")),
        price=st.decimals(0, 5000, places=2), months=st.sampled_from((1, 1, 12)), start=days,
        trial=st.integers(0, 3),
    )  # fmt: skip
    def subscribe(self, customer, plan, price, months, start, trial):
        stay = Stay(str(next(self.numbers)), customer, plan, price, months, start)
        stay.trial_end = start + dt.timedelta(trial) if trial else None
        self.model.stays.append(stay)
        product.write_stay(stay)

    @rule(end=days)
    @precondition(lambda self: self.model.stays)
    def change_plan(self, end):
        stay = self.chance.choice(self.model.stays)
        stay.end = max(end, stay.start)
        product.write_stay(stay)

    @rule(
        customer=st.sampled_from(CUSTOMERS), minor=st.integers(0, 10**6), start=days,
        length=st.integers(1, 40),
    )  # fmt: skip
    def bill(self, customer, minor, start, length):
        bill = Bill(customer, minor, start, start + dt.timedelta(length))
        self.model.bills.append(bill)
        product.write_bill(next(self.numbers), bill)

    # Steps of the cube

    @rule()
    def fold(self):
        fold()
        self.model.fold()

    @rule(step=st.sampled_from(sorted(product.DEATHS)))
    def fold_that_dies(self, step):
        with product.dying(step):
            fold()
            step = "prune"  # it never came to the step
        if product.DEATHS[step] != "nothing":
            self.model.fold(all_derived=product.DEATHS[step] == "all")

    @rule()
    def compact(self):
        with patch.object(sys.modules["usage.cube.compact"], "SMALL_SEGMENTS", 2):
            compact()

    @rule()
    def rebuild(self):
        rebuild()
        self.model.fold()

    # After each step

    @invariant()
    def compare(self):
        done["steps"] += 1
        by = self.chance.sample(DIMENSIONS, self.chance.randint(0, 3))
        if self.chance.random() < BY_PLAN and "plan" not in by:
            by.append("plan")
        self.compare_report([], WHOLE, {})
        answer = self.compare_report(by, self.some_days(), self.some_filter())
        if self.chance.random() < TRACED:
            self.compare_trace(*answer)

    def some_days(self):
        if self.chance.random() < 0.5:
            return WHOLE
        a, b = sorted(self.chance.sample(range(WHOLE.days + 1), 2))
        return Period(WHOLE.start + dt.timedelta(a), WHOLE.start + dt.timedelta(b))

    def some_filter(self):
        if self.chance.random() < 0.6:
            return {}
        name = self.chance.choice(DIMENSIONS)
        keys = sorted(self.model.report([name], WHOLE.start, WHOLE.end, {}))
        return {name: [self.chance.choice(keys)[0]]} if keys else {}

    def compare_report(self, by, period, filters):
        done["reports"] += 1
        on = self.chance.choice((None, None, FIRST, LAST))
        expected = self.model.report(by, period.start, period.end, filters, on)
        report = margin(by=by, period=period, filters=filters, attributes_on=on)
        found = {row.key: figures(row.events, row.tokens, row.cost, row) for row in report.rows}
        wanted = {
            key: figures(row.events, row.counts, row.cost, row) for key, row in expected.items()
        }
        assert there(found) == there(wanted), (by, period, filters)
        total = total_of(expected.values())
        assert (
            figures(report.total.events, report.total.tokens, report.total.cost, report.total)[:-1]
            == figures(total.events, total.counts, total.cost, total)[:-1]
        ), (by, period, filters)
        if not filters and period == WHOLE:
            shared = report.total.allocated_cost or 0
            assert Fraction(shared) == Fraction(sum(self.model.pools), 100), by
        rows = self.model.report(by, period.start, period.end, filters)
        return by, period, filters, sorted(rows)

    def compare_trace(self, by, period, filters, keys):
        """Trace one cell of the report: its lines sum to the model's figures."""
        if not keys:
            return
        done["traces"] += 1
        cell = filters | {
            name: [key] for name, key in zip(by, self.chance.choice(keys), strict=True)
        }
        expected = total_of(self.model.report([], period.start, period.end, cell).values())
        lines, after = [], None
        while True:
            page = trace(period=period, filters=cell, after=after, limit=self.chance.randint(2, 9))
            assert page.equal, cell
            lines += page.lines
            if (after := page.following) is None:
                break
        assert sum(line.events for line in lines) == expected.events
        assert sum((Fraction(line.cost or 0) for line in lines), Fraction(0)) == expected.money
        assert sum(line.unpriced_tokens for line in lines) == expected.unpriced_tokens
        assert sum(line.unpriced_events for line in lines) == expected.unpriced_events


@pytest.mark.django_db
def test_reports_equal_the_model_after_every_step_of_any_history(capsys):
    done.clear()
    run_state_machine_as_test(
        AnyHistory,
        settings=settings(
            max_examples=SEQUENCES, stateful_step_count=STEPS, deadline=None,
            suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
        ),
    )  # fmt: skip
    with capsys.disabled():
        sys.stdout.write(" " + ", ".join(f"{count:,} {what}" for what, count in done.items()))
    assert done["sequences"] >= SEQUENCES
