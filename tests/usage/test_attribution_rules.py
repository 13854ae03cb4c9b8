"""Rules of attribution: order, days, gaps and overrides, against a plain evaluator."""

import datetime as dt
import re
import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.matching import map_references, merge_customers
from customers.models import Customer, CustomerAlias, Team
from usage.attribution import (
    BadPatternError,
    CannotRevertError,
    apply_rules,
    attribute,
    attribute_if_changed,
    check_pattern,
    conflicts,
    revert,
    why,
)
from usage.models import (
    Attribution,
    AttributionRule,
    AttributionRun,
    Context,
    EndUserReference,
    Feature,
    RuleCondition,
    Sku,
    Source,
)

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 12)
DAYS = [FIRST + dt.timedelta(n) for n in range((LAST - FIRST).days)]


def rule(name, *conditions, **fields):
    """Make a rule; a condition is (field, operator, *values)."""
    made = AttributionRule.objects.create(name=name, **fields)
    for field, operator, *values in conditions:
        kind, _, key = field.partition(".")
        RuleCondition.objects.create(
            rule=made, field=kind, tag_key=key, operator=operator, values="\n".join(values)
        )
    return made


def context(source, **fields):
    sku, _ = Sku.objects.get_or_create(provider_code="openai", model=fields.pop("model", "m"))
    user = fields.pop("user", "")
    if user:
        fields["user_reference"], _ = EndUserReference.objects.get_or_create(
            reference=user, defaults={"digest": uuid.uuid4()}
        )
    return Context.objects.create(digest=uuid.uuid4(), source=source, sku=sku, **fields)


def stored():
    """Return the rows in force: what each context means when, and the rules that decided."""
    columns = (
        "context_id", "valid_from", "valid_to", "customer_id", "end_user_id", "feature_id",
        "team_id", "cost_class", "customer_rule", "end_user_rule", "feature_rule", "team_rule",
        "cost_class_rule",
    )  # fmt: skip
    return set(Attribution.objects.filter(superseded_by=None).values_list(*columns))


def customers_by_day(one):
    found = {}
    for row in Attribution.objects.filter(context=one, superseded_by=None):
        for day in DAYS:
            if (row.valid_from or FIRST) <= day < (row.valid_to or LAST):
                assert day not in found
                found[day] = row.customer.external_id if row.customer else None
    return [found.get(day) for day in DAYS]


@pytest.fixture
def acme():
    return Customer.objects.create(external_id="acme", name="Acme")


@pytest.fixture
def beta():
    return Customer.objects.create(external_id="beta", name="Beta")


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("EQUALS", ["eu-1"], ["eu-1"]),
        ("ONE_OF", ["eu-1", "us-1"], ["eu-1", "us-1"]),
        ("PREFIX", ["eu-"], ["eu-1", "eu-2"]),
        ("PATTERN", ["^(eu|us)-1$"], ["eu-1", "us-1"]),
        ("PATTERN", ["u"], ["eu-1", "eu-2", "us-1"]),
        ("MISSING", [], ["", None]),
    ],
)
def test_each_operator_on_a_tag(source, acme, operator, values, expected):
    for value in ("eu-1", "eu-2", "us-1", "", None):
        context(source, tags={} if value is None else {"region": value})
    rule("r", ("tag.region", operator, *values), customer=acme)
    apply_rules(reason="test")
    rows = Attribution.objects.filter(customer=acme).order_by("context_id")
    assert [row.context.tags.get("region") for row in rows] == expected


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("customer_reference", {"customer_reference": "x"}),
        ("feature_reference", {"feature_reference": "x"}),
        ("team_reference", {"team_reference": "x"}),
        ("environment", {"environment": "x"}),
        ("operation", {"operation": "x"}),
        ("model", {"model": "x"}),
        ("user_reference", {"user": "x"}),
        ("tag.a.b", {"tags": {"a.b": "x"}}),
    ],
)
def test_each_field(source, acme, field, sent):
    hit = context(source, **sent)
    context(source)
    rule("r", (field, "EQUALS", "x"), customer=acme)
    apply_rules(reason="test")
    assert Attribution.objects.get().context == hit


def test_source_and_provider(source, acme, beta):
    hit = context(source)
    context(Source.objects.create(name="other"))
    rule("s", ("source", "EQUALS", "tests"), ("provider", "ONE_OF", "openai"), customer=acme)
    rule("p", ("provider", "EQUALS", "nobody"), customer=beta)
    apply_rules(reason="test")
    assert Attribution.objects.get().context == hit


def test_an_end_user_that_is_contact_data_is_found_by_its_address(source, acme):
    from usage.privacy import stored_user

    hit = context(source, user=stored_user("a@acme.example"))
    rule("r", ("user_reference", "EQUALS", "a@acme.example"), customer=acme)
    apply_rules(reason="test")
    assert Attribution.objects.get().context == hit


def test_a_filling_rule_leaves_a_direct_reference_and_an_overriding_one_does_not(
    source, acme, beta
):
    named, nameless = context(source, customer_reference="acme"), context(source)
    fills = rule("fills", customer=beta)
    apply_rules(reason="test")
    found = {row.context_id: row.customer for row in Attribution.objects.all()}
    assert found == {named.pk: acme, nameless.pk: beta}
    fills.mode = "OVERRIDES"
    fills.save()
    apply_rules(reason="test")
    assert {row[3] for row in stored()} == {beta.pk}


def test_the_first_rule_by_position_wins_for_each_effect_by_itself(source, acme, beta):
    context(source)
    team = Team.objects.create(external_id="t", name="T")
    second = rule("second", position=2, customer=beta, team=team)
    first = rule("first", position=1, customer=acme)
    run = apply_rules(reason="test")
    row = Attribution.objects.get()
    assert (row.customer, row.customer_rule) == (acme, first.pk)
    assert (row.team, row.team_rule, row.cost_class_rule) == (team, second.pk, None)
    assert (run.changed, run.kind) == (1, "RULES")


def test_days_are_split_where_dated_rules_begin_and_end(source, acme, beta):
    """Direct Acme; Beta overrides 3rd to 6th; a gap-filler does nothing where Acme is known."""
    one, other = context(source, customer_reference="acme"), context(source)
    dated = {"valid_from": dt.date(2026, 10, 3), "valid_to": dt.date(2026, 10, 6)}
    rule("override", customer=beta, mode="OVERRIDES", **dated)
    rule("fill", customer=acme, position=200, valid_to=dt.date(2026, 10, 9))
    apply_rules(reason="test")
    a, b, none = ["acme"], ["beta"], [None]
    assert customers_by_day(one) == a * 2 + b * 3 + a * 6
    assert customers_by_day(other) == a * 2 + b * 3 + a * 3 + none * 3
    assert Attribution.objects.filter(context=one).count() == 3


def test_a_context_whose_meaning_did_not_change_gets_no_new_row(source, acme, beta):
    context(source, customer_reference="acme"), context(source)
    made = rule("r", ("customer_reference", "MISSING"), customer=beta)
    apply_rules(reason="one")
    before = set(Attribution.objects.values_list("pk", flat=True))
    made.position, made.name = 7, "renamed"
    made.save()
    run = apply_rules(reason="two")
    assert run.changed == 0
    assert set(Attribution.objects.values_list("pk", flat=True)) == before


def test_an_edited_rule_does_nothing_until_it_is_applied(source, acme):
    one = context(source)
    rule("r", customer=acme)
    attribute(reason="names")
    attribute_if_changed(reason="names")
    assert not Attribution.objects.exists()
    apply_rules(reason="now")
    assert attribute_if_changed(reason="again") is None
    later = context(source, environment="x")
    attribute(reason="new usage", contexts=[later.pk])
    assert {row[0] for row in stored()} == {one.pk, later.pk}


def test_conflicts_are_counted_over_contexts_and_days(source, acme, beta):
    for env in ("a", "b"):
        context(source, environment=env)
    context(source, customer_reference="acme")
    rule("first", customer=acme, position=1, valid_to=dt.date(2026, 10, 3))
    rule("second", customer=beta, position=2)
    rule("later", customer=beta, position=3, valid_from=dt.date(2026, 10, 3))
    rule("agrees", customer=acme, position=4, valid_to=dt.date(2026, 10, 3), team=None)
    apply_rules(reason="test")
    found = {(one.first.name, one.second.name, one.effect, one.contexts) for one in conflicts()}
    assert found == {("first", "second", "customer", 2), ("second", "agrees", "customer", 2)}


@pytest.mark.parametrize(
    ("pattern", "words"),
    [("(", "is no pattern"), ("(?=a)", "is no pattern"), (r"(a)\1", "is no pattern"),
     ("a" * 201, "at most 200 characters"), ("(a{1000}){1000}", "is no pattern")],
)  # fmt: skip
def test_a_pattern_that_is_none_is_refused_in_a_sentence(pattern, words):
    with pytest.raises(BadPatternError, match=words):
        check_pattern(pattern)
    check_pattern("(a+)+$")


SECOND, THIRD, FOURTH = (dt.date(2026, 10, day) for day in (2, 3, 4))


@pytest.mark.parametrize(
    "days",
    [
        [(None, THIRD), (SECOND, None)],
        [(None, None), (SECOND, THIRD)],
        [(SECOND, THIRD), (None, None)],
        [(SECOND, THIRD), (SECOND, THIRD)],
        [(None, SECOND), (THIRD, FOURTH), (SECOND, FOURTH)],
    ],
)
def test_the_database_forbids_overlapping_attributions(source, days):
    one, other = context(source), context(source, user="other")
    run = AttributionRun.objects.create(reason="by hand")
    *before, last = (
        Attribution(context=one, run=run, valid_from=start, valid_to=end) for start, end in days
    )
    Attribution.objects.bulk_create(before)
    with pytest.raises(IntegrityError, match="two attributions in force"), transaction.atomic():
        last.save()
    last.pk, last.superseded_by = None, run
    last.save()  # what is no longer in force may overlap, but not come back
    with pytest.raises(IntegrityError), transaction.atomic():
        Attribution.objects.filter(pk=last.pk).update(superseded_by=None)
    Attribution.objects.create(
        context=other, run=run, valid_from=last.valid_from, valid_to=last.valid_to
    )


def test_overlaps_are_found_among_many_rows_and_the_session_plans_on_as_before(source):
    one, run = context(source), AttributionRun.objects.create(reason="by hand")
    days = [FIRST + dt.timedelta(n) for n in range(1_002)]
    rows = [
        Attribution(context=one, run=run, valid_from=start, valid_to=start + dt.timedelta(1))
        for start in days
    ]
    rows[-1].valid_from = days[-2]
    with pytest.raises(IntegrityError, match="two attributions in force"), transaction.atomic():
        Attribution.objects.bulk_create(rows)
    rows[-1].valid_from = days[-1]
    for row in rows:
        row.pk = None
    Attribution.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        assert cursor.fetchone() == ("on",)


def test_attributions_of_a_context_may_follow_each_other(source):
    one, run = context(source), AttributionRun.objects.create(reason="by hand")
    days = [(THIRD, None), (None, SECOND), (SECOND, THIRD)]
    Attribution.objects.bulk_create(
        Attribution(context=one, run=run, valid_from=start, valid_to=end) for start, end in days
    )
    assert Attribution.objects.filter(context=one, superseded_by=None).count() == 3


def test_the_database_forbids_a_rule_that_sets_nothing():
    with pytest.raises(IntegrityError), transaction.atomic():
        AttributionRule.objects.create(name="empty")


def test_why_names_the_rule_the_alias_the_id_and_the_default(source, acme):
    CustomerAlias.objects.create(customer=acme, alias="ACME")
    feature = Feature.objects.create(external_id="chat", name="Chat")
    one = context(source, customer_reference="ACME", feature_reference="chat", user="u")
    Team.objects.create(external_id="t", name="T")
    made = rule("support", ("feature_reference", "EQUALS", "chat"), team=Team.objects.get())
    run = apply_rules(reason="test")
    found = {one.effect: one for one in why(context_id=one.pk, day=FIRST)}
    assert found["customer"].decided_by == "alias “ACME” as sent"
    assert found["feature"].decided_by == "external id “chat” as sent"
    assert found["end_user"].decided_by == "“u” as sent is no name of ours, and no rule sets it"
    assert found["cost_class"].decided_by == "no rule: the default"
    team = found["team"]
    assert (team.meaning, team.rule_id, team.rule, team.position) == ("T", made.pk, "support", 100)
    assert (team.revision, team.run) == (run.rule_revision_id, run.pk)
    assert str(feature) == found["feature"].meaning


def test_reverting_rules_restores_the_rows_and_the_next_derivation_keeps_them(source, acme, beta):
    for env in ("a", "b"):
        context(source, environment=env)
    kept = rule("kept", ("environment", "EQUALS", "a"), customer=acme)
    apply_rules(reason="one")
    before = stored()
    kept.customer = beta
    kept.name = "changed"
    kept.save()
    rule("kept", ("environment", "EQUALS", "b"), customer=beta)
    run = apply_rules(reason="two")
    assert stored() != before
    back = revert(run=run)
    assert (back.kind, back.reverted) == ("REVERT", run)
    assert stored() == before
    attribute(reason="again")
    apply_rules(reason="the rules as edited are those in force")
    assert stored() == before
    assert list(AttributionRule.objects.filter(active=True).values_list("name", "customer")) == [
        ("kept", acme.pk)
    ]


def test_reverting_a_mapped_name_takes_the_alias_back_and_holds_a_new_row_off(source, acme):
    context(source, customer_reference="ACME"), context(source, customer_reference="new")
    map_references(kind="customer", references=["ACME"], target="acme")
    map_references(kind="customer", references=["new"])
    assert len(stored()) == 2
    revert(run=AttributionRun.objects.earliest("pk"))
    attribute(reason="again")
    assert (stored(), CustomerAlias.objects.count()) == (set(), 0)
    map_references(kind="customer", references=["new"])
    assert {row[3] for row in stored()} == {Customer.objects.get(external_id="new").pk}


def test_reverting_a_revert_brings_the_alias_back(source, acme):
    context(source, customer_reference="ACME")
    map_references(kind="customer", references=["ACME"], target="acme")
    before = stored()
    back = revert(run=AttributionRun.objects.get())
    revert(run=back)
    assert stored() == before


def test_a_merge_cannot_be_taken_back(source, acme, beta):
    context(source, customer_reference="beta")
    attribute(reason="names")
    rule("r", ("environment", "MISSING"), customer=beta, mode="OVERRIDES")
    apply_rules(reason="rules")
    merge_customers(keep=acme, gone=beta)
    assert {row[3] for row in stored()} == {acme.pk}
    assert AttributionRule.objects.get().customer == acme
    with pytest.raises(CannotRevertError, match="a merge cannot be taken back"):
        revert(run=AttributionRun.objects.earliest("pk"))


def test_a_merge_that_moves_no_context_is_seen_too(source, acme, beta):
    rule("r", customer=beta, active=False)
    first = apply_rules(reason="rules")
    merge_customers(keep=acme, gone=beta)
    with pytest.raises(CannotRevertError, match="customer beta merged into acme"):
        revert(run=first)


def test_a_rule_whose_target_is_gone_is_not_brought_back(source, acme, beta):
    context(source)
    made = rule("r", customer=beta)
    first = apply_rules(reason="one")
    made.customer = acme
    made.save()
    second = apply_rules(reason="two")
    Attribution.objects.filter(customer=beta).update(customer=None)
    beta.delete()
    revert(run=second)
    assert (stored(), AttributionRule.objects.get().active) == (set(), False)
    assert first.changed == 1


def test_removing_the_demo_removes_the_rules_for_its_customers(source, acme):
    from billing.demo import remove

    demo = Customer.objects.create(external_id="demo", name="Demo", is_demo=True)
    rule("demo", customer=demo)
    kept = rule("kept", customer=acme)
    context(source)
    apply_rules(reason="rules")
    remove(now=dt.datetime(2026, 11, 1, tzinfo=dt.UTC))
    assert list(AttributionRule.objects.all()) == [kept]
    assert {row[3] for row in stored()} == {acme.pk}


# A random history against a plain evaluator.
NAMES = ("acme", "beta")
VALUES = ("", "eu-1", "eu-2", "us-1")
CONDITIONS = st.one_of(
    st.tuples(
        st.sampled_from(["environment", "tag.k", "customer_reference"]),
        st.just("EQUALS"), st.sampled_from([*VALUES[1:], *NAMES]).map(lambda v: [v]),
    ),
    st.tuples(
        st.sampled_from(["environment", "tag.k"]), st.just("ONE_OF"),
        st.lists(st.sampled_from(VALUES[1:]), min_size=1, max_size=2, unique=True),
    ),
    st.tuples(st.just("tag.k"), st.just("PREFIX"), st.sampled_from([["eu"], ["u"]])),
    st.tuples(st.just("environment"), st.just("PATTERN"), st.sampled_from([["-1$"], ["^e"]])),
    st.tuples(
        st.sampled_from(["environment", "tag.k", "customer_reference"]), st.just("MISSING"),
        st.just([]),
    ),
)  # fmt: skip
BOUND = st.none() | st.sampled_from(DAYS)
RULES = st.fixed_dictionaries(
    {
        "conditions": st.lists(CONDITIONS, max_size=2),
        "position": st.integers(0, 4),
        "mode": st.sampled_from(["FILLS", "OVERRIDES"]),
        "days": st.tuples(BOUND, BOUND).filter(lambda d: not all(d) or d[0] < d[1]),
        "customer": st.sampled_from([None, *NAMES]),
        "cost_class": st.sampled_from(["", "COGS", "OPEX", "INTERNAL"]),
        "active": st.sampled_from([True, True, True, False]),
    }
).filter(lambda r: r["customer"] or r["cost_class"])
SENT = st.fixed_dictionaries(
    {
        "customer_reference": st.sampled_from(["", "acme", "ACME", "nobody"]),
        "environment": st.sampled_from(VALUES),
        "tag": st.sampled_from(VALUES),
    }
)


def meets(condition, sent):
    field, operator, values = condition
    value = sent["tag"] if field == "tag.k" else sent[field]
    return {
        "EQUALS": value in values,
        "ONE_OF": value in values,
        "PREFIX": bool(value) and value.startswith(tuple(values)),
        "PATTERN": bool(value) and bool(re.search((values or ["x"])[0], value)),
        "MISSING": not value,
    }[operator]


def evaluate(sent, ordered, day):
    """Answer in plain Python: (customer, cost class, rule of the customer, rule of the class)."""
    direct = {"acme": "acme", "ACME": "acme"}.get(sent["customer_reference"])
    customer, cost_class, by_customer, by_class = direct, "COGS", None, None
    for number, one in ordered:
        start, end = one["days"]
        hits = all(meets(condition, sent) for condition in one["conditions"])
        if not (one["active"] and hits and (not start or start <= day) and (not end or day < end)):
            continue
        may = one["mode"] == "OVERRIDES" or direct is None
        if one["customer"] and by_customer is None and may:
            customer, by_customer = one["customer"], number
        if one["cost_class"] and by_class is None:
            cost_class, by_class = one["cost_class"], number
    return customer, cost_class, by_customer, by_class


def by_day():
    found = {}
    for row in Attribution.objects.filter(superseded_by=None).select_related("customer"):
        for day in DAYS:
            if (row.valid_from or FIRST) <= day < (row.valid_to or LAST):
                name = row.customer.external_id if row.customer else None
                found[row.context_id, day] = (
                    name, row.cost_class, row.customer_rule, row.cost_class_rule,
                )  # fmt: skip
    return found


def replace_rules(rules, named):
    AttributionRule.objects.update(active=False)
    made = []
    for one in rules:
        start, end = one["days"]
        number = rule(
            f"r{AttributionRule.objects.count()}",
            *((field, operator, *values) for field, operator, values in one["conditions"]),
            position=one["position"], mode=one["mode"], valid_from=start, valid_to=end,
            customer=named.get(one["customer"]), cost_class=one["cost_class"],
            active=one["active"],
        ).pk  # fmt: skip
        made.append((number, one))
    return sorted(made, key=lambda pair: (pair[1]["position"], pair[0]))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sent=st.lists(SENT, min_size=1, max_size=6),
    history=st.lists(st.lists(RULES, max_size=5), min_size=1, max_size=3),
    back=st.integers(0, 2),
)
def test_random_rules_mean_what_a_plain_evaluator_says_and_every_run_reverts(
    db, sent, history, back
):
    with transaction.atomic():
        source = Source.objects.create(name="random")
        named = {n: Customer.objects.create(external_id=n, name=n) for n in NAMES}
        CustomerAlias.objects.create(customer=named["acme"], alias="ACME")
        contexts = []
        for one in sent:
            fields = {"customer_reference": one["customer_reference"]}
            tags = {"k": one["tag"]} if one["tag"] else {}
            contexts.append(context(source, environment=one["environment"], tags=tags, **fields).pk)
        attribute(reason="names")
        states, runs = [stored()], []
        for rules in history:
            ordered = replace_rules(rules, named)
            runs.append(apply_rules(reason="random"))
            states.append(stored())
            found = by_day()
            for number, one in zip(contexts, sent, strict=True):
                for day in DAYS:
                    expected = evaluate(one, ordered, day)
                    nothing = (None, "COGS", None, None)
                    assert found.get((number, day), nothing) == expected
        chosen = min(back, len(runs) - 1)
        revert(run=runs[chosen])
        assert stored() == states[chosen]
        attribute(reason="again")
        apply_rules(reason="again")
        assert stored() == states[chosen]
        transaction.set_rollback(True)
