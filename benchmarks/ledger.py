"""A believable ledger of N events, made by the server: 1.4 contexts per 100 events, six months."""

import datetime as dt
from decimal import Decimal

from django.db import connection

from billing.models import BillingCustomer, Invoice, InvoiceLine, Plan, Subscription
from customers.models import Customer
from tknops.calendar import Period
from usage.models import Feature, Price, Source
from usage.tokens import QUANTITIES, REASONING

WHOLE = Period(dt.date(2026, 1, 1), dt.date(2026, 7, 1))
CUSTOMERS, FEATURES, MODELS = 3_000, 12, 20
THRESHOLD = 200_000
# Models whose price changes on a day, whose price has a threshold, and that have no price.
_DATED, _LARGE, _UNPRICED = range(5), range(5, 8), {19}
_PER_BATCH = 1_000
_CHUNK = 1_000_000


def make_ledger(events: int) -> int:
    """Write meaning, prices, revenue, contexts and events; returns the number of contexts."""
    source = Source.objects.create(name="benchmark")
    _meaning()
    _prices()
    _revenue()
    contexts = max(events * 14 // 1000, 100)
    _contexts(contexts, source)
    _events(events, contexts, source)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return contexts


def _meaning() -> None:
    """Nine in ten customers are known; all features are."""
    Customer.objects.bulk_create(
        Customer(external_id=f"customer-{n}", name=f"Customer {n}") for n in range(CUSTOMERS)
        if n % 10 != 9
    )  # fmt: skip
    Feature.objects.bulk_create(
        Feature(external_id=f"feature-{n}", name=f"Feature {n}") for n in range(FEATURES)
    )


def _prices() -> None:
    change = dt.date(2026, 4, 10)
    rows = []
    for model in set(range(MODELS)) - _UNPRICED:
        for name, per_million in (
            ("input_tokens", "1.25"), ("cache_read_tokens", "0.125"),
            ("cache_write_tokens", "1.5625"), ("output_tokens", "10.0000000001"),
        ):  # fmt: skip
            price = Decimal(per_million) * (model + 1)
            if model in _DATED:
                rows.append(_price(model, name, price, valid_to=change))
                rows.append(_price(model, name, price / 2, valid_from=change))
            else:
                rows.append(_price(model, name, price))
            if model in _LARGE:
                rows.append(_price(model, name, price * 2, threshold=THRESHOLD))
    Price.objects.bulk_create(rows)


def _price(model: int, name: str, per_million: Decimal, **more: object) -> Price:
    rounded = per_million.quantize(Decimal("1e-10"))
    return Price(
        provider_code="p", model=f"model-{model}", token_class=name, per_million=rounded, **more
    )


def _revenue() -> None:
    """Three plans, a subscription each, monthly invoices for two in three of them."""
    plans = [
        Plan.objects.create(code=code, name=code.capitalize()) for code in ("free", "pro", "team")
    ]
    customers = list(Customer.objects.order_by("pk"))
    billed = BillingCustomer.objects.bulk_create(
        BillingCustomer(external_id=one.external_id, customer=one) for one in customers
    )
    subscriptions = Subscription.objects.bulk_create(
        Subscription(
            external_id=f"sub-{one.pk}", billing_customer=one, plan=plans[n % 3],
            price=Decimal(n % 3 * 49), currency="USD",
            start_date=dt.date(2025, 11, 1) + dt.timedelta(days=n % 200),
        )
        for n, one in enumerate(billed)
    )  # fmt: skip
    invoices, lines = [], []
    for n, sold in enumerate(subscriptions):
        for month in WHOLE.months() if n % 3 else ():
            invoice = Invoice(
                external_id=f"in-{n}-{month.start:%Y-%m}", billing_customer=sold.billing_customer,
                invoice_date=month.start, currency="USD", status="PAID",
            )  # fmt: skip
            invoices.append(invoice)
            lines.append(
                InvoiceLine(
                    invoice=invoice, plan=sold.plan, subscription=sold,
                    amount_minor=n % 3 * 4900, service_start=month.start, service_end=month.end,
                )
            )  # fmt: skip
    Invoice.objects.bulk_create(invoices)
    InvoiceLine.objects.bulk_create(lines)


def _contexts(count: int, source: Source) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.7)")
        cursor.execute(
            "INSERT INTO usage_sku (provider_code, model, service_tier, region) "
            "SELECT 'p', 'model-' || n, '', '' FROM generate_series(0, %s) n",
            [MODELS - 1],
        )
        cursor.execute(
            "INSERT INTO usage_enduserreference (reference, digest) "
            "SELECT 'user-' || n, md5('u' || n)::uuid FROM generate_series(1, %s) n",
            [count // 4],
        )
        cursor.execute(
            """
            INSERT INTO usage_context (digest, source_id, sku_id, customer_reference,
                user_reference_id, feature_reference, team_reference, environment, operation,
                outcome, unit, tags, created_at)
            SELECT md5('c' || n)::uuid, %s, (SELECT min(id) FROM usage_sku) + pick.sku,
                'customer-' || floor(%s * power(pick.customer, 2)),
                (SELECT min(id) FROM usage_enduserreference) + n %% %s,
                'feature-' || floor(%s * power(pick.feature, 2)), '', 'production', 'chat', 'ok',
                '', jsonb_build_object('release', 'v' || n %% 24, 'channel', (n %% 3)::text), now()
            FROM generate_series(1, %s) n, LATERAL (
                SELECT n AS made, floor(%s * power(random(), 2))::int AS sku, random() AS customer,
                       random() AS feature
            ) pick
            """,
            [source.pk, CUSTOMERS, count // 4, FEATURES, count, MODELS],
        )


def _events(count: int, contexts: int, source: Source) -> None:
    """Insert in the order of time, a batch per thousand events of a day."""
    a_day = -(-count // WHOLE.days)
    batches = -(-a_day // _PER_BATCH)
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("SELECT min(id) FROM usage_context")
        (first,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO usage_usagebatch (id, source_id, received_at, received, stored, "
            "duplicate, conflict, rejected, ignored) SELECT n + 1, %s, %s::date + n / %s, 1, 1, 0, "
            "0, 0, '{}' FROM generate_series(0, %s) n",
            [source.pk, WHOLE.start, batches, batches * WHOLE.days - 1],
        )
        cursor.execute("SELECT setval('usage_usagebatch_id_seq', max(id)) FROM usage_usagebatch")
        cursor.execute(
            "INSERT INTO usage_usagebatchmonth (batch_id, usage_month, posting_month) "
            "SELECT id, date_trunc('month', received_at)::date, "
            "date_trunc('month', received_at)::date FROM usage_usagebatch"
        )
        for start in range(0, count, _CHUNK):
            cursor.execute(
                _EVENTS,
                {
                    "source": source.pk, "first": first, "contexts": contexts, "a_day": a_day,
                    "batches": batches, "start": WHOLE.start, "per_batch": _PER_BATCH,
                    "from": start, "to": min(start + _CHUNK, count) - 1,
                },
            )  # fmt: skip
        cursor.execute("RESET synchronous_commit")


_PRESENT = {"input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens", REASONING}
_ABSENT = ", ".join(name for name in QUANTITIES if name not in _PRESENT)
_ZEROS = ", ".join("0" for name in QUANTITIES if name not in _PRESENT)
_EVENTS = f"""
    INSERT INTO usage_usageevent (key, source_id, line, batch_id, context_id, occurred_at,
        fingerprint, flags, input_tokens, cache_read_tokens, cache_write_tokens, output_tokens,
        reasoning_tokens, {_ABSENT})
    SELECT (lpad(to_hex(n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid, %(source)s,
        0, n / %(a_day)s * %(batches)s + n %% %(a_day)s / %(per_batch)s + 1,
        %(first)s + floor(%(contexts)s * power(pick.context, 6))::int,
        (%(start)s::date + n / %(a_day)s)::timestamp AT TIME ZONE 'UTC'
            + floor(86400 * pick.time) * interval '1 second',
        gen_random_uuid(), 0,
        CASE WHEN n %% 200 = 0 THEN 250000 ELSE 50 + floor(9000 * pick.input)::int END,
        CASE WHEN floor(1000 * pick.context)::int %% 5 < 2 THEN floor(4000 * pick.cached)::int
             ELSE 0 END,
        CASE WHEN n %% 50 = 0 THEN 1 + floor(2000 * pick.cached)::int ELSE 0 END,
        5 + floor(1500 * pick.output)::int, floor(200 * pick.output)::int, {_ZEROS}
    FROM generate_series(%(from)s, %(to)s) n, LATERAL (
        SELECT n AS made, random() AS context, random() AS time, random() AS input,
               random() AS cached, random() AS output
    ) pick
"""
