"""Rules, their dry run and their runs in money, by hand-computed figures, through the pages."""

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command

from billing.margin import margin
from billing.models import BillingCustomer, Plan, Subscription
from billing.reports.free import free_cost
from billing.reports.reattributed import moves_between, preview_rules, rules_waiting, run_moves
from customers.models import Customer, CustomerAlias
from tests.usage.test_attribution_rules import rule, stored
from tknops.calendar import Period
from usage.attribution import apply_rules, attribute
from usage.cube import fold
from usage.models import Attribution, AttributionRule, AttributionRun, RuleCondition

pytestmark = pytest.mark.django_db
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
MILLION = {"input_tokens": 10**6}  # 2.50 USD


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def acme():
    return Customer.objects.create(external_id="acme", name="Acme", email="a@acme.example")


@pytest.fixture
def beta():
    return Customer.objects.create(external_id="beta", name="Beta")


@pytest.fixture
def sent(send, event, prices, acme):
    """Send 2.50 of Acme's; without a customer 2.50 on the 5th and 5 on the 20th, tagged eu."""
    common = {"customer": "", "tags": {"region": "eu"}}
    send([
        event(id="a", usage=MILLION),
        event(id="b", usage=MILLION, **common),
        event(id="c", usage={"input_tokens": 2 * 10**6}, time="2026-10-20T12:00:00Z", **common),
    ])  # fmt: skip
    fold()


def costs(by="customer", **options):
    report = margin(by=[by], period=OCTOBER, **options)
    return {row.key[0]: row.cost for row in report.rows if row.events}


def test_a_dated_rule_moves_the_money_of_its_days(sent, acme, beta):
    rule("eu", ("tag.region", "EQUALS", "eu"), customer=beta, valid_from=dt.date(2026, 10, 6))
    assert costs() == {"acme": Decimal("2.5"), "(unattributed)": Decimal("7.5")}
    found = preview_rules()
    assert [(m.key, m.month, m.before, m.after, m.events) for m in found.of("customer")] == [
        ("(unattributed)", "2026-10", Decimal("7.5"), Decimal("2.5"), -1),
        ("beta", "2026-10", 0, 5, 1),
    ]
    assert (found.contexts, found.events, found.moved) == (1, 2, 5)
    assert [(one.dimension, one.before, one.after) for one in found.left] == [
        ("customer", Decimal("7.5"), Decimal("2.5")), ("feature", 10, 10),
    ]  # fmt: skip
    assert not Attribution.objects.filter(customer=beta).exists()
    assert rules_waiting() == ["eu"]
    run = apply_rules(reason="now")
    assert rules_waiting() == []
    assert costs() == {"acme": Decimal("2.5"), "(unattributed)": Decimal("2.5"), "beta": 5}
    assert run_moves(run).moves == found.moves


def test_moves_sum_to_0_in_every_dimension_and_two_runs_compare(sent, acme, beta):
    first = apply_rules(reason="nothing")
    rule("eu", ("tag.region", "PREFIX", "e"), customer=beta, cost_class="INTERNAL")
    rule("acme", ("customer_reference", "EQUALS", "acme"), customer=beta, mode="OVERRIDES")
    apply_rules(reason="one")
    AttributionRule.objects.filter(name="acme").update(active=False)
    last = apply_rules(reason="two")
    found = moves_between(last, first)
    for name in ("customer", "cost_class"):
        moves = found.of(name)
        assert sum(move.moved for move in moves) == 0
        assert moves
    assert {(m.key, m.moved) for m in found.of("customer")} == {
        ("beta", Decimal("7.5")), ("(unattributed)", Decimal("-7.5")),
    }  # fmt: skip
    assert {(m.key, m.moved) for m in found.of("cost_class")} == {
        ("COGS", Decimal("-7.5")), ("INTERNAL", Decimal("7.5")),
    }  # fmt: skip
    assert costs(as_of_run=first.pk) == {"acme": Decimal("2.5"), "(unattributed)": Decimal("7.5")}


def test_the_command_prints_what_moves_and_the_dry_run_writes_nothing(sent, acme, beta):
    rule("eu", ("tag.region", "EQUALS", "eu"), customer=beta)
    rule("eu too", ("tag.region", "EQUALS", "eu"), customer=acme, position=200)
    printed = io.StringIO()
    call_command("attribute", "--dry-run", stdout=printed)
    assert "beta            2026-10  0       7.5    7.5    +2" in printed.getvalue()
    assert "conflict: eu before eu too over customer, 1 contexts" in printed.getvalue()
    assert "without a customer: 7.5 before, 0 after" in printed.getvalue()
    assert "1 contexts changed, 2 events, 7.5 USD moved" in printed.getvalue()
    assert not Attribution.objects.filter(customer=beta).exists()
    call_command("attribute", stdout=io.StringIO())
    assert costs() == {"acme": Decimal("2.5"), "beta": Decimal("7.5")}


def test_the_margin_counts_cost_of_revenue_only(sent, acme, import_bytes):
    """Acme's 10.00: 2.50 COGS, 2.50 operating expense, 5.00 internal; 31.00 revenue: 28.50 left."""
    import_bytes(
        b"external_customer_id,invoice_id,amount,currency,invoice_date,service_start,service_end\n"
        b"acme,I1,31,USD,2026-10-01,2026-10-01,2026-11-01\n"
    )
    everything = ("tag.region", "EQUALS", "eu")
    rule("acme", everything, customer=acme)
    rule("opex", everything, cost_class="OPEX", valid_to=dt.date(2026, 10, 10))
    rule("internal", everything, cost_class="INTERNAL", valid_from=dt.date(2026, 10, 10))
    apply_rules(reason="test")
    assert costs("cost_class") == {"COGS": Decimal("2.5"), "OPEX": Decimal("2.5"), "INTERNAL": 5}
    [row] = margin(by=["customer"], period=OCTOBER).rows
    assert (row.cost, row.cost_of_revenue, row.margin) == (10, Decimal("2.5"), Decimal("28.5"))
    total = margin(by=["model"], period=OCTOBER).total
    assert (total.cost, total.cost_of_revenue, total.margin) == (
        10,
        Decimal("2.5"),
        Decimal("28.5"),
    )
    days = {
        r.key[0]: r.cost_of_revenue for r in margin(by=["day"], period=OCTOBER).rows if r.events
    }
    assert days == {"2026-10-05": Decimal("2.5"), "2026-10-20": 0}


def test_what_has_no_price_makes_only_its_own_class_unknown(send, event, prices, acme):
    send([event(id="a", usage=MILLION), event(id="b", model="unheard-of", environment="dev")])
    rule("dev", ("environment", "EQUALS", "dev"), cost_class="INTERNAL")
    fold()
    apply_rules(reason="test")
    rows = {row.key[0]: row for row in margin(by=["model"], period=OCTOBER).rows if row.events}
    assert (rows["unheard-of"].cost, rows["unheard-of"].cost_of_revenue) == (None, 0)
    assert rows["unheard-of"].unpriced_events == 1
    AttributionRule.objects.update(cost_class="COGS")
    apply_rules(reason="test")
    rows = {row.key[0]: row for row in margin(by=["model"], period=OCTOBER).rows if row.events}
    assert rows["unheard-of"].cost_of_revenue is None


def test_pages_with_a_margin_say_what_is_outside_it(admin, sent, acme):
    rule("eu", ("tag.region", "EQUALS", "eu"), cost_class="OPEX", customer=acme)
    apply_rules(reason="test")
    for url in ("overview", "customers", "plans", "customer/acme"):
        page = admin.get(f"/admin/{url}?month=2026-10").content.decode()
        assert "of AI cost $10.00, $7.50 is operating expense or internal" in page, url


def test_cost_of_free_and_trial_usage_is_of_the_days_without_a_paid_plan(sent, acme, admin):
    """On trial to the 6th, then paid; a customer on a free plan costs 7.50."""
    free = Customer.objects.create(external_id="free", name="Free")
    rule("eu", ("tag.region", "EQUALS", "eu"), customer=free)
    apply_rules(reason="test")
    plan = Plan.objects.create(code="pro", name="Pro")
    for customer, price, trial in ((acme, 31, "2026-10-06"), (free, 0, None)):
        billed = BillingCustomer.objects.create(external_id=customer.external_id, customer=customer)
        Subscription.objects.create(
            external_id=customer.external_id, billing_customer=billed, plan=plan, price=price,
            currency="USD", start_date="2026-10-01", trial_end_date=trial,
        )  # fmt: skip
    assert costs("terms") == {"trial": Decimal("2.5"), "free": Decimal("7.5")}
    assert free_cost(OCTOBER, {}) == 10
    Subscription.objects.filter(external_id="acme").update(trial_end_date="2026-10-05")
    assert costs("terms") == {"paid": Decimal("2.5"), "free": Decimal("7.5")}
    for url in ("overview", "plans"):
        page = admin.get(f"/admin/{url}?month=2026-10").content.decode()
        assert "Cost of free and trial usage" in page
        assert "$7.50" in page


FORM = {
    "position": "100", "active": "on", "mode": "FILLS", "conditions-TOTAL_FORMS": "1",
    "conditions-INITIAL_FORMS": "0", "conditions-0-field": "tag", "conditions-0-tag_key": "region",
    "conditions-0-operator": "EQUALS", "conditions-0-values": "eu",
}  # fmt: skip


def test_saving_a_rule_leads_to_its_preview_then_apply_then_back(admin, sent, beta):
    answer = admin.post(
        "/admin/usage/attributionrule/add/", {**FORM, "name": "eu", "customer": beta.pk}
    )
    assert answer["Location"] == "/admin/rules/preview"
    page = admin.get("/admin/rules/preview").content.decode()
    assert "$7.50" in page
    assert costs()["(unattributed)"] == Decimal("7.5")
    before = stored()
    answer = admin.post("/admin/rules/apply", {"reason": "EU is Beta"}, follow=True)
    run = AttributionRun.objects.latest("pk")
    assert (run.reason, str(run.created_by)) == ("EU is Beta", "boss")
    assert "every call" not in answer.content.decode()
    assert costs()["beta"] == Decimal("7.5")
    assert "EU is Beta" in admin.get("/admin/attribution-runs").content.decode()
    admin.post(f"/admin/attribution-runs/{run.pk}/revert")
    assert stored() == before
    assert not AttributionRule.objects.get().active
    assert admin.get(f"/admin/attribution-runs/{run.pk}?against={run.pk + 1}").status_code == 200


def test_a_rule_is_edited_beside_the_empty_row_a_browser_sends(admin, sent, beta):
    made = rule("eu", ("tag.region", "EQUALS", "eu"), customer=beta, active=False)
    kept = made.conditions.get()
    form = FORM | {
        "name": "eu", "customer": beta.pk, "position": "7", "conditions-TOTAL_FORMS": "2",
        "conditions-INITIAL_FORMS": "1", "conditions-0-id": kept.pk, "conditions-0-rule": made.pk,
        "conditions-1-rule": made.pk, "conditions-1-field": "source",
        "conditions-1-operator": "EQUALS", "conditions-1-tag_key": "", "conditions-1-values": "",
    }  # fmt: skip
    answer = admin.post(f"/admin/usage/attributionrule/{made.pk}/change/", form)
    assert answer.headers.get("Location") == "/admin/rules/preview"
    made.refresh_from_db()
    assert (made.position, made.active, made.conditions.get()) == (7, True, kept)


def test_discarded_edits_are_gone(admin, sent, beta):
    made = rule("eu", ("tag.region", "EQUALS", "eu"), customer=beta)
    apply_rules(reason="test")
    made.valid_to = dt.date(2026, 10, 6)
    made.save()
    admin.post("/admin/rules/discard")
    assert (rules_waiting(), AttributionRule.objects.get().valid_to) == ([], None)
    assert AttributionRule.objects.get().conditions.get().values == "eu"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"conditions-0-operator": "PATTERN", "conditions-0-values": "("}, "is no pattern"),
        ({"conditions-0-values": "a\nb"}, "only “is one of” takes more than one"),
        ({"conditions-0-tag_key": "A b"}, "is no tag key"),
        ({"conditions-0-tag_key": ""}, "A tag needs its key"),
        ({"conditions-0-values": ""}, "takes no value; any other needs one"),
        ({"customer": ""}, "Choose at least one thing the rule sets"),
        ({"valid_from": "2026-10-02", "valid_to": "2026-10-01"}, "The end 2026-10-01 is not after"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_a_sentence(admin, beta, changed, words):
    form = {**FORM, "name": "eu", "customer": beta.pk, **changed}
    page = admin.post("/admin/usage/attributionrule/add/", form).content.decode()
    assert words in page
    assert not AttributionRule.objects.exists()


def test_why_is_reached_from_the_events_of_a_customer(admin, sent, beta):
    made = rule("eu", ("tag.region", "EQUALS", "eu"), customer=beta, valid_from="2026-10-06")
    apply_rules(reason="test")
    page = admin.get("/admin/customer/beta?month=2026-10").content.decode()
    context = Attribution.objects.get(customer=beta).context_id
    assert page.count(f'href="/admin/why/{context}?day=2026-10-20"') == 1
    assert f'href="/admin/why/{context}?day=2026-10-05"' not in page
    page = admin.get(f"/admin/why/{context}?day=2026-10-20").content.decode()
    assert "rule “eu” at position 100, revision" in page
    assert f"/admin/usage/attributionrule/{made.pk}/change/" in page
    page = admin.get(f"/admin/why/{context}?day=2026-10-05").content.decode()
    assert "the call names none, and no rule sets it" in page


# The queue.


def give(admin, target, *groups, kind="customer"):
    return admin.post(
        "/admin/unattributed/assign",
        {"kind": kind, "target": target, "group": [f"{f}\t{v}" for f, v in groups]},
    )


def queue(admin, kind="customer", by=""):
    answer = admin.get(f"/admin/unattributed?month=2026-10&kind={kind}&by={by}")
    found = answer.context["queue"]
    return {
        (one.field, one.value): (one.cost, one.suggestion and one.suggestion.target)
        for one in found.groups
    }


def test_the_queue_ranks_what_calls_have_in_common_and_gives_reasons(
    admin, sent, send, event, acme
):
    send([
        event(id="d", usage=MILLION, tags={"region": "us"}),
        event(id="e", usage=MILLION, customer="", tags={"region": "us"}),
        event(id="f", usage={"input_tokens": 10}, customer="acmee"),
    ])  # fmt: skip
    fold()
    # A name spelled alike is likely; that only Acme is known to use a tag or a source, a guess, and
    # a whole source the last of them, whatever its money; then what nobody is known to have.
    assert list(queue(admin).items()) == [
        (("customer_reference", "acmee"), (Decimal("0.000025"), "acme")),
        (("tag.region", "us"), (Decimal("2.5"), "acme")),
        (("source", "tests"), (Decimal("10.000025"), "acme")),
        (("tag.region", "eu"), (Decimal("7.5"), None)),
    ]
    assert queue(admin, by="tag.region").keys() == {("tag.region", "eu"), ("tag.region", "us")}


def test_a_domain_suggests_its_only_customer(admin, sent, send, event, acme):
    send(event(id="d", customer="ops@acme.example", usage=MILLION))
    fold()
    assert queue(admin)["customer_reference", "ops@acme.example"] == (Decimal("2.5"), "acme")


def test_a_tag_that_tells_customers_apart_goes_before_a_whole_source(
    admin, send, event, prices, acme, beta
):
    """Tenants have one customer each; the source is both's, so it suggests nobody."""
    usage = {"usage": MILLION}
    send([
        *(event(id=f"a{n}", tags={"tenant": f"ac-{n}"}, **usage) for n in (1, 2)),
        *(event(id=f"b{n}", customer="beta", tags={"tenant": f"be-{n}"}, **usage) for n in (1, 2)),
        event(id="c", customer="", tags={"tenant": "be-2"}, **usage),
        event(id="d", customer="", tags={"tenant": "ac-9"}, **usage),
        event(id="e", customer="", tags={"tenant": "BETA"}, **usage),
    ])  # fmt: skip
    fold()
    groups = admin.get("/admin/unattributed?month=2026-10").context["queue"].groups
    assert [
        (one.value, one.suggestion.target, one.suggestion.reason) for one in groups[:3]
    ] == [
        ("BETA", "beta", "its id or name"),
        ("ac-9", "acme", "begins with ac-, as 2 others of Acme's do"),
        ("be-2", "beta", "the only other call with this tag tenant is Beta's"),
    ]  # fmt: skip
    assert {one.suggestion for one in groups[3:]} == {None}
    assert {round(one.share, 1) for one in groups[:3]} == {Decimal("33.3")}


def test_a_guess_is_taken_back_where_part_of_it_is_known_to_be_anothers(
    admin, send, event, prices, acme, beta
):
    """Only Acme is known in staging, but the end user there is Beta's everywhere else."""
    usage = {"usage": MILLION}
    send([
        event(id="a", environment="staging", user="ann", **usage),
        event(id="b", customer="beta", user="bob", environment="live", **usage),
        event(id="c", customer="beta", user="bo", environment="staging2", **usage),
        event(id="d", customer="acme", user="al", environment="live", **usage),
        event(id="e", customer="", user="bob", environment="staging", **usage),
    ])  # fmt: skip
    fold()
    found = queue(admin)
    assert next(iter(found.items())) == (("user_reference", "bob"), (Decimal("2.5"), "beta"))
    assert found["environment", "staging"] == (Decimal("2.5"), None)


def test_one_click_makes_a_rule_for_that_group_and_undo_takes_it_back(admin, sent, beta):
    before = stored()
    give(admin, "beta", ("tag.region", "eu"))
    assert costs()["beta"] == Decimal("7.5")
    made = AttributionRule.objects.get()
    assert (made.name, made.mode) == ("tag.region eu → Beta", "FILLS")
    page = admin.get("/admin/unattributed?month=2026-10").content.decode()
    run = AttributionRun.objects.latest("pk")
    assert f"/admin/attribution-runs/{run.pk}/revert" in page
    admin.post(f"/admin/attribution-runs/{run.pk}/revert")
    assert stored() == before


def test_a_name_becomes_an_alias_and_undo_takes_it_back(admin, send, event, prices, acme):
    send(event(id="a", customer="ACME", usage=MILLION))
    fold()
    give(admin, "acme", ("customer_reference", "ACME"))
    assert (costs(), AttributionRule.objects.count()) == ({"acme": Decimal("2.5")}, 0)
    admin.post(f"/admin/attribution-runs/{AttributionRun.objects.latest('pk').pk}/revert")
    assert costs() == {"(unattributed)": Decimal("2.5")}
    assert not CustomerAlias.objects.exists()


def test_several_groups_at_once(admin, sent, send, event, beta):
    send(event(id="d", usage=MILLION, customer="", tags={"region": "us"}))
    fold()
    give(admin, "beta", ("tag.region", "eu"), ("tag.region", "us"))
    assert costs()["beta"] == 10
    assert RuleCondition.objects.get().wanted == ["eu", "us"]


def test_a_rule_waits_where_others_wait(admin, sent, acme, beta):
    rule("draft", customer=acme)
    assert give(admin, "beta", ("tag.region", "eu"))["Location"] == "/admin/rules/preview"
    assert costs()["(unattributed)"] == Decimal("7.5")
    assert rules_waiting() == ["draft", "tag.region eu → Beta"]


@pytest.mark.parametrize(
    ("target", "group"),
    [("nobody", ("tag.region", "eu")), ("beta", ("forged", "x")), ("beta", ("tag.region", " x"))],
)
def test_what_cannot_be_given_is_refused(admin, sent, beta, target, group):
    give(admin, target, group)
    assert not AttributionRule.objects.exists()


def test_the_second_tab_is_of_features(admin, send, event, prices, acme):
    from usage.models import Feature

    send(event(id="a", usage=MILLION, operation="embeddings"))
    Feature.objects.create(external_id="search", name="Search")
    fold()
    assert queue(admin, kind="feature")["operation", "embeddings"] == (Decimal("2.5"), None)
    give(admin, "search", ("operation", "embeddings"), kind="feature")
    assert costs("feature") == {"search": Decimal("2.5")}


def test_empty_states_say_so(admin, acme):
    attribute(reason="nothing")
    assert "Every call in these months" in admin.get("/admin/unattributed").content.decode()
    assert "No run yet" in admin.get("/admin/attribution-runs").content.decode()
    assert "No rule waits" in admin.get("/admin/rules/preview").content.decode()
