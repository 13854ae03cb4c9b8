"""Bills of providers: what files of each kind say, staged, counted once, undone as a unit."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Value

from billing.importers import ImportRefusedError
from billing.models import ProviderImport, ProviderInvoice, ProviderInvoiceLine
from billing.provider_bills import apply_bill, receive_bill, stage_bill, undo_bill
from billing.provider_bills.meters import decimals_of, token_class, units_of
from tests.billing.provider_files import OCTOBER, anthropic, openai_costs, openai_usage

NOW = dt.datetime(2026, 11, 5, 9, tzinfo=dt.UTC)
HEAD = "BilledCost,BillingCurrency,BillingPeriodStart,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceCategory,SkuId,SkuMeter,SkuPriceDetails,ConsumedQuantity,ConsumedUnit,ContractedUnitPrice,PricingUnit,ListCost,ProviderName,InvoiceId,ChargeDescription"  # noqa: E501
DAY = "2026-10-02T00:00:00Z,2026-10-03T00:00:00Z"


@pytest.fixture
def stage(db, settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path

    def do(*contents, **given):
        files = []
        for number, content in enumerate(contents):
            files.append(([content.encode()], given.pop("name", f"bill-{number}")))
        return stage_bill(made=receive_bill(files=files, **given))

    return do


def lines(made, *fields):
    rows = ProviderInvoiceLine.objects.filter(invoice__provider_import=made).order_by("pk")
    return list(rows.values_list(*fields))


@pytest.mark.parametrize(
    ("meter", "found"),
    [
        ("input", "input_tokens"),
        ("cached input", "cache_read_tokens"),
        ("output", "output_tokens"),
        ("USE1-Claude4Sonnet-input-tokens", "input_tokens"),
        ("CacheWriteInputTokenCount", "cache_write_tokens"),
        ("cache_creation.ephemeral_1h_input_tokens", "cache_write_1h_tokens"),
        ("Gemini 2.5 Flash Text Output - Predictions", "output_tokens"),
        ("audio input", "input_audio_tokens"),
        ("Provisioned throughput", ""),
    ],
)
def test_meters_mean_token_classes(meter, found):
    assert token_class(meter) == found


@pytest.mark.parametrize(
    ("unit", "factor", "tokens", "digits"),
    [
        ("Tokens", 1, True, 0), ("1000 Tokens", 1000, True, 3), ("1K tokens", 1000, True, 3),
        ("1,000,000 Tokens", 10**6, True, 6), ("Million Tokens", 10**6, True, 6),
        ("Hours", 1, False, 0), ("250 Requests", 250, False, None), ("", 1, True, 0),
    ],
)  # fmt: skip
def test_units_are_read_with_their_scale(unit, factor, tokens, digits):
    assert (units_of(unit), decimals_of(unit)) == ((factor, tokens), digits)


def test_anthropic_amounts_are_cents_and_openai_amounts_are_dollars(stage):
    report = anthropic(
        ("2026-10-02", {
            "amount": "123.45", "currency": "USD", "cost_type": "tokens",
            "model": "claude-sonnet-4-5", "token_type": "cache_read_input_tokens",
        }),
        ("2026-10-03", {"amount": "70", "currency": "USD", "cost_type": "web_search"}),
    )  # fmt: skip
    page = openai_costs(("2026-10-02", "gpt-4o, cached input", 123.45, 7))
    made = stage(report, page)
    assert made.state == "STAGED", made.errors
    assert lines(made, "model", "token_class", "billed_cost", "as_billed", "day", "quantity") == [
        ("claude-sonnet-4-5", "cache_read_tokens", Decimal("1.2345"), "123.45 cents USD",
         dt.date(2026, 10, 2), None),
        ("web_search", "", Decimal("0.70"), "70 cents USD", dt.date(2026, 10, 3), None),
        ("gpt-4o", "cache_read_tokens", Decimal("123.45"), "123.45 usd", dt.date(2026, 10, 2), 7),
    ]  # fmt: skip


def test_a_double_keeps_the_digits_it_is_spelled_with(stage):
    made = stage(openai_costs(("2026-10-02", "gpt-4o, input", 0.13080438340307526, 1)))
    assert lines(made, "billed_cost") == [(Decimal("0.13080438340307526"),)]


def test_pages_of_two_months_are_two_invoices(stage):
    made = stage(
        openai_costs(("2026-10-31", "gpt-4o, input", 1, 1), more=True),
        openai_costs(("2026-11-01", "gpt-4o, input", 2, 1)),
    )
    assert list(made.invoices.order_by("month").values_list("month", "currency")) == [
        (OCTOBER, "USD"), (dt.date(2026, 11, 1), "USD"),
    ]  # fmt: skip
    assert made.notes == []


def test_missing_and_repeated_pages_are_noticed(stage):
    page = openai_costs(("2026-10-31", "gpt-4o, input", 1, 1), more=True)
    assert "has_more" in stage(page).notes[0]
    twice = stage(page, page + " ")
    assert (twice.state, "stood in a page before" in twice.errors[0]["message"]) == (
        "REFUSED", True,
    )  # fmt: skip
    assert not twice.invoices.exists()


def test_usage_counts_become_disjoint(stage):
    made = stage(
        openai_usage(
            "2026-10-02", model="gpt-4o", input_tokens=1000, input_cached_tokens=400,
            input_cache_write_tokens=100, input_audio_tokens=60, input_cached_audio_tokens=50,
            output_tokens=500, output_audio_tokens=50,
        )
    )  # fmt: skip
    assert dict(lines(made, "token_class", "quantity")) == {
        "cache_read_audio_tokens": 50, "input_audio_tokens": 10, "output_audio_tokens": 50,
        "cache_write_tokens": 100, "cache_read_tokens": 350, "input_tokens": 490,
        "output_tokens": 450,
    }  # fmt: skip
    wrong = stage(openai_usage("2026-10-02", input_tokens=10, input_cached_tokens=20))
    assert "contradict" in wrong.errors[0]["message"]


def focus(*rows):
    return "\n".join([HEAD, *rows])


def test_focus_rows_of_ai_are_read_and_the_rest_is_summed(stage):
    details = '"{""x_ModelId"": ""atlas"", ""x_TokenCacheAction"": ""Read""}"'
    made = stage(
        focus(
            f"45.00,USD,2026-10-01T00:00:00Z,Usage,{DAY},AI and Machine Learning,S1,in,{details},10000,1000 Tokens,4.50,1000000 Tokens,50,Amazon Web Services,I1,",  # noqa: E501
            f"-5,USD,2026-10-01T00:00:00Z,Credit,{DAY},AI and Machine Learning,,,,,,,,,Amazon Web Services,I1,promotion",  # noqa: E501
            f"8.10,USD,2026-10-01T00:00:00Z,Tax,{DAY},,,,,,,,,,Amazon Web Services,I1,VAT",
            f"900,USD,2026-10-01T00:00:00Z,Usage,{DAY},Compute,m5,,,,,,,,Amazon Web Services,I1,",
            f"2,USD,2026-10-01T00:00:00Z,Usage,{DAY},AI and Machine Learning,gpu,,,3,Hours,,,,Amazon Web Services,I1,",  # noqa: E501
        )
    )
    assert made.state == "STAGED", made.errors
    assert made.invoices.get().provider_code == "aws"
    assert lines(made, "kind", "model", "token_class", "quantity", "billed_cost", "unit_price") == [
        ("USAGE", "atlas", "cache_read_tokens", 10_000_000, 45, Decimal("0.0000045")),
        ("CREDIT", "", "", None, -5, None),
        ("TAX", "", "", None, Decimal("8.1"), None),
        ("USAGE", "gpu", "units", 3, 2, None),
    ]
    assert made.notes == [
        "bill-0: 1 over 900 USD left out: of other services than AI and Machine Learning"
    ]


def test_an_invoice_detail_of_focus_has_no_model_and_no_day(stage):
    made = stage(
        "BilledCost,BillingCurrency,BillingPeriodStart,ChargeCategory,InvoiceId,InvoiceIssuerName\n"
        "120.50,USD,2026-10-01T00:00:00Z,Usage,I9,Google Cloud\n"
        "0.01,USD,2026-10-01T00:00:00Z,Adjustment,I9,Google Cloud\n"
    )
    assert made.state == "STAGED", made.errors
    assert lines(made, "kind", "model", "day", "billed_cost", "invoice__provider_code") == [
        ("USAGE", "", None, Decimal("120.5"), "google"),
        ("OTHER", "", None, Decimal("0.01"), "google"),
    ]


def test_template_names_line_value_and_what_is_accepted(stage):
    head = "provider,month,day,kind,model,token_class,quantity,price_per_million,billed_cost,credits,tax,currency\n"  # noqa: E501
    bad = stage(head + ",2026-10,,,m,,,,1,,,USD\nacme,2026-10,,gift,,,,,1,,,USD\n"
                "acme,2026-10,,,m,wishes,,,1,,,USD\nacme,2026-10,,,m,,,,1e5,,,USD\n")  # fmt: skip
    assert [error["line"] for error in bad.errors] == [2, 3, 4, 5]
    assert "'gift' is not one of usage, credit" in bad.errors[1]["message"]
    good = stage(head + "acme,,2026-10-09,,m,input,1000000,2.5,2.50,-0.5,0.4,USD\n"
                 "acme,2026-10,,total,,,,,2.40,,,USD\n")  # fmt: skip
    assert good.state == "STAGED", good.errors
    assert lines(good, "unit_price", "credits", "tax") == [
        (Decimal("0.0000025"), Decimal("-0.5"), Decimal("0.4"))
    ]
    assert good.invoices.get().total_stated == Decimal("2.40")


def test_same_file_and_same_month_twice_are_refused_until_undone(stage):
    page = openai_costs(("2026-10-02", "gpt-4o, input", 1, 1))
    made = apply_bill(made=stage(page), now=NOW)
    assert apply_bill(made=made, now=NOW).applied_at == NOW
    again = stage(page)
    assert again.state == "REFUSED"
    assert "was imported on 2026-11-05 already, as import" in again.errors[0]["message"]
    other = stage(openai_costs(("2026-10-02", "gpt-4o, input", 2, 1)))
    assert "openai has a bill for October 2026 already" in other.notes[0]
    with pytest.raises(ImportRefusedError, match="undo that one first"):
        apply_bill(made=other, now=NOW)
    later = stage(openai_costs(("2026-10-03", "gpt-4o, input", 2, 1)))
    assert apply_bill(made=later, now=NOW).state == "APPLIED"
    assert ProviderInvoice.objects.counting().count() == 2
    undo_bill(made=made, now=NOW)
    assert ProviderInvoice.objects.counting().count() == 1
    assert apply_bill(made=other, now=NOW).state == "APPLIED"
    with pytest.raises(ImportRefusedError, match="it is undone"):
        undo_bill(made=made, now=NOW)


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", '{"data": [{"results": [{}]}]}', "a,b\n1,2\n", "%PDF-1.7"]
)
def test_other_files_are_refused_in_a_sentence(stage, content):
    made = stage(content)
    assert (made.state, bool(made.errors[0]["message"])) == ("REFUSED", True)


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("kind_known", {"kind": "GIFT"}),
        ("class_known", {"token_class": "wishes"}),
        ("says_something", {"billed_cost": None}),
        ("one_kind_of_money", {"kind": "TAX", "credits": 1}),
        ("billed_cost_is_number", {"billed_cost": Value("NaN")}),
    ],
)
def test_the_database_forbids_lines_that_cannot_be(stage, rule, wrong):
    invoice = stage(openai_costs(("2026-10-02", "gpt-4o, input", 1, 1))).invoices.get()
    fields = {"invoice": invoice, "reference": "x", "billed_cost": 1} | wrong
    name = f"billing_providerinvoiceline_{rule}"
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ProviderInvoiceLine.objects.create(**fields)


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("month_starts", {"month": dt.date(2026, 10, 2)}),
        ("currency_is_code", {"currency": "usd"}),
        ("has_provider", {"provider_code": ""}),
        ("source_known", {"source": "FAX"}),
        ("rate_above_0", {"rate": 0}),
        ("total_is_number", {"total_stated": Value("NaN")}),
        ("unique", {}),
    ],
)
def test_the_database_forbids_invoices_that_cannot_be(stage, rule, wrong):
    made = stage(openai_costs(("2026-10-02", "gpt-4o, input", 1, 1)))
    fields = {"provider_code": "openai", "month": OCTOBER, "currency": "USD",
              "source": "OPENAI_COSTS", "file_name": "f", "file_sha256": "0"}  # fmt: skip
    name = f"billing_providerinvoice_{rule}"
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ProviderInvoice.objects.create(provider_import=made, **fields | wrong)


def test_the_database_counts_the_same_content_once(stage):
    made = apply_bill(made=stage(openai_costs(("2026-10-02", "gpt-4o, input", 1, 1))), now=NOW)
    fields = {"file_name": "f", "content_sha256": made.content_sha256}
    with pytest.raises(IntegrityError, match="counts_once"), transaction.atomic():
        ProviderImport.objects.create(state="APPLIED", **fields)
    with pytest.raises(IntegrityError, match="state_known"), transaction.atomic():
        ProviderImport.objects.create(state="LOST", **fields)
