"""The ways of `drills.closed_month`: run inside an installation, as the application's role."""

import datetime as dt
import http.client
import json
import sys
import time
from decimal import Decimal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from billing.closing import (  # noqa: E402
    adjustments,
    checked,
    close_month,
    reopen_month,
    sign,
    verify_closed,
)
from billing.journal import journal  # noqa: E402
from billing.margin import forget, margin  # noqa: E402
from billing.matching.merge import merge_customers  # noqa: E402
from billing.models import (  # noqa: E402
    AllocationRule,
    BillingCustomer,
    CostPool,
    CostPoolAmount,
    Invoice,
    InvoiceLine,
    LedgerAccount,
    MonthClose,
    ProviderImport,
    ProviderInvoice,
    Subscription,
    TrueUp,
)
from billing.provider_bills import undo_bill  # noqa: E402
from billing.reconciliation import undo_true_up  # noqa: E402
from billing.reports.files import as_csv  # noqa: E402
from billing.reports.journal import journal_table  # noqa: E402
from customers.models import (  # noqa: E402
    Customer,
    CustomerAlias,
    CustomerAttribute,
    CustomerParent,
    EndUser,
)
from tknops.calendar import Period, last_full_month, next_month  # noqa: E402
from usage import cube  # noqa: E402
from usage.attribution import attribute  # noqa: E402
from usage.cube import rebuild  # noqa: E402
from usage.models import (  # noqa: E402
    Attribution,
    AttributionRule,
    Context,
    EndUserReference,
    Feature,
    ModelAlias,
    Price,
    PriceAdjustment,
    Source,
    TagAlias,
)

URL, KEY = sys.argv[1], sys.argv[2]
MONTH = last_full_month(timezone.localdate())
FIRST = MONTH.start
BY = [
    (), ("customer",), ("plan",), ("feature", "model"), ("day",), ("end_user",), ("team",),
    ("customer.segment",), ("customer_group",), ("cost_class", "terms"), ("tag.release",),
    ("source", "environment", "outcome"), ("customer_reference", "unit", "region"),
]  # fmt: skip
INSIDE = f"{FIRST + dt.timedelta(days=9)}T10:00:00Z"


def told():
    forget()
    asked = [(by, "contracted") for by in BY]
    asked += [(by, basis) for by in BY[:3] for basis in ("list", "stated")]
    found = [margin(by=by, period=MONTH, basis=basis) for by, basis in asked]
    files = [close.file_sha256 for close in MonthClose.objects.order_by("pk")]
    rows = sum(len(one.rows) for one in found)
    return [(one.rows, one.total) for one in found], files, rows, posted_in(MONTH)


def posted_in(month):
    """The journal as the page and its file have it."""
    entries = journal(month).entries
    return entries, as_csv(journal_table(entries))


def sql(query):
    def run():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(query)
            if cursor.rowcount == 0:
                message = "it changed no row: nothing was tried"
                raise AssertionError(message)

    return run


def post(path, body, kind="application/json"):
    def run():
        to = urlsplit(URL)
        asking = http.client.HTTPConnection(to.hostname, to.port, timeout=60)
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": kind}
        asking.request("POST", path, body, headers)
        answer = asking.getresponse()
        text = answer.read().decode()
        if answer.status >= 400:
            raise PermissionError(text)
        cube.fold()

    return run


def event(name, **fields):
    return json.dumps([{
        "id": name, "time": INSIDE, "provider": "openai", "model": "gpt-4o", "customer": "acme",
        "usage": {"input_tokens": 1_000_000, "output_tokens": 1_000_000},
    } | fields])  # fmt: skip


def admin(path, data):
    def run():
        user, _ = get_user_model().objects.get_or_create(
            username="drill", defaults={"is_staff": True, "is_superuser": True}
        )
        client = Client()
        client.force_login(user)
        answer = client.post(path, data)
        if answer.status_code not in {200, 302}:
            raise PermissionError(answer.status_code)

    return run


def zone():
    before = settings.REPORTING_ZONE
    settings.REPORTING_ZONE = ZoneInfo("Pacific/Auckland")
    cube.fold()
    try:
        same("while the zone is another")
    finally:
        settings.REPORTING_ZONE = before
        cube.fold()


def same(what):
    now = told()
    if now != BEFORE:
        message = f"changed {what}"
        raise ChangedError(message)


class ChangedError(Exception):
    pass


def price_everything():
    Price.objects.update(per_million=Decimal("1.23"))


def credit():
    invoice = Invoice.objects.order_by("pk").first()
    InvoiceLine.objects.create(
        invoice=invoice, line_id="drill-credit", kind="CREDIT", amount_minor=-12_345,
        service_start=FIRST, service_end=MONTH.end,
    )  # fmt: skip


def rule():
    AttributionRule.objects.create(position=1, name="drill", cost_class="INTERNAL")


def merged():
    one, other = Customer.objects.order_by("-pk")[:2]
    merge_customers(keep=one, gone=other)
    attribute(reason="drill")


def customers_moved():
    one, other = Customer.objects.order_by("pk")[:2]
    aliases = [alias.alias for alias in other.aliases.all()] + [other.external_id]
    Attribution.objects.filter(customer=other).update(customer=one)
    for alias in aliases:
        CustomerAlias.objects.get_or_create(alias=f"{alias}-x", defaults={"customer": one})


def attributes():
    CustomerAttribute.objects.update(value="drilled")


def group():
    one, other = Customer.objects.order_by("-pk")[:2]
    CustomerParent.objects.create(customer=one, parent=other)


def renamed():
    Customer.objects.filter(pk=Customer.objects.order_by("pk").first().pk).update(
        external_id="drill-renamed"
    )


def deleted():
    Customer.objects.order_by("pk").last().delete()


def pool():
    made = CostPool.objects.create(name="drill", currency=settings.REPORTING_CURRENCY)
    CostPoolAmount.objects.create(
        pool=made, amount_minor=1_000_000, service_start=FIRST, service_end=MONTH.end
    )
    AllocationRule.objects.create(pool=made, reason="drill")


def discount():
    PriceAdjustment.objects.create(name="drill", kind="NEGOTIATED_DISCOUNT", value=Decimal(50))


def model_alias():
    ModelAlias.objects.create(provider_code="openai", alias="gpt-4o", model="gpt-4o-mini")


def tag_alias():
    context = next(c for c in Context.objects.all() if c.tags)
    key, value = next(iter(context.tags.items()))
    TagAlias.objects.create(key=key, value=value, canonical="drilled")


def user_made():
    reference = EndUserReference.objects.exclude(reference="").first()
    EndUser.objects.create(external_id=reference.reference, name="drill")
    attribute(reason="drill")


BEFORE_IT = (FIRST - dt.timedelta(1)).replace(day=1)


def bill(name):
    """A bill of the month before, come in the month."""
    made = ProviderImport.objects.create(
        file_name=name, content_sha256=name, state="APPLIED",
        applied_at=dt.datetime.fromisoformat(INSIDE),
    )  # fmt: skip
    found = ProviderInvoice.objects.create(
        provider_import=made, provider_code="openai", month=BEFORE_IT,
        currency=settings.REPORTING_CURRENCY, source="GENERIC", number=name,
    )  # fmt: skip
    found.lines.create(billed_cost=Decimal("95.01"), tax=Decimal("19.00"), reference="1")


def recorded():
    """What the journal of the month has beside usage and revenue."""
    bill("drill-bill")
    made = CostPool.objects.create(name="drill-gpu", currency=settings.REPORTING_CURRENCY)
    amounts = [
        CostPoolAmount.objects.create(
            pool=made, amount_minor=minor, source=source,
            service_start=FIRST, service_end=MONTH.end,
        )
        for minor, source in ((31_00, "HAND"), (-21, "TRUEUP"))
    ]  # fmt: skip
    AllocationRule.objects.create(pool=made, reason="drill")
    TrueUp.objects.create(
        provider_code="openai", month=FIRST, posted_month=FIRST,
        currency=settings.REPORTING_CURRENCY, amount_minor=-21, pool_amount=amounts[1],
        reason="drill",
    )  # fmt: skip


def accounts():
    for posting in ("REVENUE", "ACCRUED", "POOL_COST"):
        LedgerAccount.objects.create(posting=posting, code=f"9-{posting}", name="drill")


MONTH_SQL = f"'{FIRST}'"
WAYS = [
    ("API: an event of the month", post("/api/v1/events", event("drill-1"))),
    ("API: an event of the month without a known customer",
     post("/api/v1/events", event("drill-2", customer="stranger"))),
    ("API: an event of the month without a price",
     post("/api/v1/events", event("drill-3", model="unknown-drill"))),
    ("API: the same id with other content", post("/api/v1/events", event("drill-1", model="x"))),
    ("API: CloudEvent of the month", post("/api/v1/events", json.dumps({
        "specversion": "1.0", "id": "drill-ce", "type": "tknops.usage", "source": "/drill",
        "time": INSIDE, "subject": "acme",
        "data": {"model": "gpt-4o", "provider": "openai", "type": "input", "tokens": 5_000_000}}),
        "application/cloudevents+json")),
    ("ORM: every price is another", price_everything),
    ("ORM: prices are deleted", lambda: Price.objects.filter(kind="LIST").delete()),
    ("ORM: 50 % off everything", discount),
    ("ORM: a model is an alias of another", model_alias),
    ("ORM: a rule makes all cost internal, applied", lambda: (rule(), attribute(reason="drill"))),
    ("ORM: usage of a customer is moved to another", customers_moved),
    ("domain: two customers are merged", merged),
    ("ORM: attributions are deleted", sql("DELETE FROM usage_attribution")),
    ("command: attribute", lambda: call_command("attribute")),
    ("ORM: attributes are others", attributes),
    ("ORM: a customer belongs to another", group),
    ("ORM: a customer has another id", renamed),
    ("ORM: a customer is deleted", deleted),
    ("ORM: a feature has another id",
     lambda: Feature.objects.filter(pk=Feature.objects.first().pk).update(external_id="drilled")),
    ("ORM: a source has another name",
     lambda: Source.objects.filter(pk=Source.objects.first().pk).update(name="drilled")),
    ("ORM: a tag's value is an alias of another", tag_alias),
    ("ORM: an end user as sent becomes known", user_made),
    ("import: a credit note into the month", credit),
    ("ORM: invoice lines are changed",
     lambda: InvoiceLine.objects.update(amount_minor=1)),
    ("ORM: invoices are void", lambda: Invoice.objects.update(status="VOID")),
    ("ORM: subscriptions have another price",
     lambda: Subscription.objects.update(price=Decimal(1))),
    ("ORM: subscriptions end before the month",
     lambda: Subscription.objects.filter(start_date__lt=FIRST).update(end_date=FIRST)),
    ("ORM: billing customers are unmatched",
     lambda: BillingCustomer.objects.update(customer=None)),
    ("ORM: a pool of shared cost over the month", pool),
    ("domain: a provider's bill is undone",
     lambda: undo_bill(
         made=ProviderImport.objects.get(file_name="drill-bill"), now=timezone.now())),
    ("ORM: a provider's bill with a day of the month", lambda: bill("drill-other")),
    ("domain: a true-up is taken back",
     lambda: undo_true_up(made=TrueUp.objects.get(reason="drill"), user=None, now=timezone.now())),
    ("ORM: a pool costs otherwise",
     lambda: CostPoolAmount.objects.filter(pool__name="drill-gpu").update(amount_minor=77_00)),
    ("ORM: the chart of accounts is another", accounts),
    ("command: fold", lambda: call_command("fold", stdout=sys.stderr)),
    ("command: rebuild_cube", rebuild),
    ("setting: another reporting time zone", zone),
    ("command: sync_prices", lambda: call_command("sync_prices", stdout=sys.stderr)),
    ("ORM: the close gets other figures",
     lambda: MonthClose.objects.update(manifest={})),
    ("ORM: the close is deleted", lambda: MonthClose.objects.all().delete()),
    ("SQL: the close names another file",
     sql("UPDATE billing_monthclose SET file_name = 'x', file_sha256 = 'x'")),
    ("SQL: the close has another journal", sql(
        "UPDATE billing_monthclose SET manifest = jsonb_set(manifest, '{journal,entries}', '[]')")),
    ("SQL: the close is deleted", sql("DELETE FROM billing_monthclose")),
    ("SQL: the month is no more closed in the ledger", sql("DELETE FROM usage_monthclosing")),
    ("SQL: the closing says open", sql("UPDATE usage_monthclosing SET is_closed = false")),
    ("SQL: a batch is posted in the month", sql(
        "INSERT INTO usage_usagebatchmonth (batch_id, usage_month, posting_month) "
        f"SELECT max(id), DATE {MONTH_SQL} - 31, DATE {MONTH_SQL} FROM usage_usagebatch")),
    ("SQL: events are deleted", sql("DELETE FROM usage_usageevent")),
    ("SQL: events have other quantities", sql("UPDATE usage_usageevent SET input_tokens = 1")),
    ("SQL: the triggers are taken away",
     sql("ALTER TABLE billing_monthclose DISABLE TRIGGER ALL")),
    ("SQL: the closes are emptied", sql("TRUNCATE billing_monthclose CASCADE")),
    ("admin: the month is closed a second time",
     admin(f"/admin/closing/{FIRST:%Y-%m}/close", {"password": "x"})),
    ("admin: a close is added by hand",
     admin("/admin/billing/monthclose/add/", {"month": str(FIRST), "revision": 7})),
    ("domain: the month is closed a second time",
     lambda: close_month(month=FIRST, now=timezone.now())),
]  # fmt: skip

recorded()
for one in checked(FIRST):
    if not one.settled:
        sign(month=FIRST, name=one.check.name, note="drill", signed_name="drill")
BEGAN = time.monotonic()
LIVE = told()
close_month(month=FIRST, now=timezone.now())
SECONDS = round(time.monotonic() - BEGAN, 1)
BEFORE = told()
assert LIVE[0] == BEFORE[0], "the close itself changed figures"
assert LIVE[3] == BEFORE[3], "the close itself changed the journal"
OPEN = Period(MONTH.end, next_month(MONTH.end))
assert not [one for one in journal(OPEN).entries if one.corrects], "a close needs no correction"
WAYS_FOUND = []
for name, way in WAYS:
    how = "allowed"
    try:
        way()
    except ChangedError:
        how = "changed"
    except AssertionError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever refuses it
        how = "refused"
        print(name, type(error).__name__, str(error).splitlines()[:1], file=sys.stderr)
    if told() != BEFORE:
        how = "changed"
    WAYS_FOUND.append((name, how))
    print(how, name, file=sys.stderr, flush=True)
verified = verify_closed()
posted = adjustments()
money = sum((abs(one.cost or 0) + abs(one.revenue) for one in posted), Decimal(0))
corrected = [one for one in journal(OPEN).entries if one.corrects]
unbalanced = sum(1 for one in [*corrected, *BEFORE[3][0]] if one.difference)
reopen_month(month=FIRST, reason="control", now=timezone.now())
after = told()
blind = [name for at, name in ((0, "figures"), (3, "journal")) if after[at] == BEFORE[at]]
control = f"NOTHING CHANGED in {blind}" if blind else "figures and journal changed"
print(json.dumps({
    "ways": WAYS_FOUND, "month": f"{FIRST:%Y-%m}", "reports": len(BEFORE[0]), "rows": BEFORE[2],
    "verified": f"{verified[0]} closes, {len(verified[1])} differences", "seconds": SECONDS,
    "adjustments": len(posted), "money": f"{money:.2f} {settings.REPORTING_CURRENCY}",
    "control": control, "entries": len(BEFORE[3][0]), "corrected": len(corrected),
    "unbalanced": unbalanced,
}))  # fmt: skip
