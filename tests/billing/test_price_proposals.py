"""Prices brought by a sync or a file: what is applied at once, what waits, what is refused."""

import dataclasses
import datetime as dt
import io
import json
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from tests.billing.price_book import NOW, cost
from usage.cube import fold
from usage.models import ModelAlias, Price, PriceProposal, PriceRevision, ProposedPrice
from usage.pricing.catalogue import Catalogue, CataloguePrice
from usage.repricing import sync_prices

pytestmark = pytest.mark.django_db
FIELDS = {
    "service_tier": "",
    "region": "",
    "unit": "",
    "threshold": 0,
    "price_window": "",
    "original": "",
}
CSV = "provider,model,token_class,per_million,currency,valid_from,valid_to,kind\r\n"
LITELLM = {
    "sample_spec": {"litellm_provider": "one of many", "input_cost_per_token": 0.0},
    "gpt-4o": {
        "litellm_provider": "openai", "mode": "chat", "max_tokens": 1,
        "input_cost_per_token": 2e-06, "output_cost_per_token": 1e-05,
        "cache_read_input_token_cost": 1.25e-06,
        "input_cost_per_token_above_200k_tokens": 4e-06,
        "input_cost_per_token_batches": 1e-06, "input_cost_per_token_priority": 4.25e-06,
        "output_cost_per_reasoning_token": 6e-05,
    },
    "openai/gpt-4o": {"litellm_provider": "openai", "input_cost_per_token": 3e-06},
    "anthropic/claude-x": {
        "litellm_provider": "anthropic", "input_cost_per_token": 3e-06,
        "cache_creation_input_token_cost_above_1hr": 6e-06,
    },
    "bedrock/us-east-1/us.vendor.model-v1:0": {
        "litellm_provider": "bedrock", "input_cost_per_token": 1e-06,
    },
    "whisper-1": {"litellm_provider": "openai", "input_cost_per_second": 0.0001,
                  "output_cost_per_second": 0.0},
    "free": {"litellm_provider": "openai", "input_cost_per_token": 0.0},
}  # fmt: skip


def catalogue(*prices, version="1"):
    rows = [
        CataloguePrice(**(FIELDS | {
            "provider_code": "openai", "model": model, "token_class": name,
            "per_million": Decimal(per_million),
        } | more))
        for model, name, per_million, more in prices
    ]  # fmt: skip
    return Catalogue(version=version, providers={"openai": "OpenAI"}, prices=rows, aliases={})


def book():
    rows = Price.objects.filter(superseded_at=None).order_by("model", "token_class", "valid_from")
    return [(r.model, r.token_class, str(r.per_million.normalize()), r.source) for r in rows]


@pytest.fixture
def used(send, event):
    send([event(usage={"input_tokens": 10**6})])
    fold()


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


FIRST = ("gpt-4o", "input_tokens", "2.5", {})


def test_an_empty_book_takes_everything_at_once(used):
    found = sync_prices(catalogue=catalogue(FIRST), now=NOW)
    assert (found.proposal, cost(), found.revision.get_kind_display()) == (
        None, Decimal("2.5"), "price sync",
    )  # fmt: skip
    again = sync_prices(catalogue=catalogue(FIRST), now=NOW)
    assert (again.comparison.lines, again.comparison.unchanged, again.revision) == ([], 1, None)


def test_a_price_in_use_waits_and_others_do_not(used):
    sync_prices(catalogue=catalogue(FIRST, ("other", "input_tokens", "1", {})), now=NOW)
    later = catalogue(
        ("gpt-4o", "input_tokens", "3", {}), ("gpt-4o", "output_tokens", "9", {}),
        ("other", "input_tokens", "2", {}), ("new", "input_tokens", "5", {}), version="2",
    )  # fmt: skip
    found = sync_prices(catalogue=later, now=NOW)
    assert book() == [
        ("gpt-4o", "input_tokens", "2.5", "genai-prices"),
        ("new", "input_tokens", "5", "genai-prices"),
        ("other", "input_tokens", "2", "genai-prices"),
    ]
    lines = found.proposal.lines.order_by("token_class").values_list("action", "per_million")
    assert list(lines) == [("CHANGE", 3), ("ADD", 9)]
    assert cost() == Decimal("2.5")
    assert sync_prices(catalogue=later, now=NOW).proposal == found.proposal
    assert PriceProposal.objects.count() == 1


def test_a_newer_sync_replaces_what_waits_and_a_rejected_one_is_not_asked_again(used, admin):
    sync_prices(catalogue=catalogue(FIRST), now=NOW)
    old = sync_prices(catalogue=catalogue(("gpt-4o", "input_tokens", "3", {})), now=NOW).proposal
    newer = catalogue(("gpt-4o", "input_tokens", "4", {}))
    new = sync_prices(catalogue=newer, now=NOW).proposal
    old.refresh_from_db()
    assert (old.state, new.state) == ("REPLACED", "OPEN")
    keys = list(new.lines.values_list("pk", flat=True))
    admin.post(f"/admin/price-changes/{new.pk}/decide", {"seen": keys, "decision": "reject"})
    new.refresh_from_db()
    assert (new.state, new.decided_by.username, cost()) == ("DECIDED", "boss", Decimal("2.5"))
    assert sync_prices(catalogue=newer, now=NOW).proposal is None


def test_approval_by_line_shows_its_money_and_keeps_the_rest_open(used, admin):
    sync_prices(catalogue=catalogue(FIRST, ("gpt-4o", "output_tokens", "9", {})), now=NOW)
    later = catalogue(("gpt-4o", "input_tokens", "3", {}), ("gpt-4o", "output_tokens", "8", {}))
    proposal = sync_prices(catalogue=later, now=NOW).proposal
    line = proposal.lines.get(token_class="input_tokens")
    page = admin.get(f"/admin/price-changes/{proposal.pk}", {"line": line.pk})
    assert [move.moved for move in page.context["preview"].by_model] == [Decimal("0.5")]
    assert page.context["chosen"] == [line.pk]
    admin.post(f"/admin/price-changes/{proposal.pk}/decide", {"seen": line.pk})
    proposal.refresh_from_db()
    revision = PriceRevision.objects.last()
    assert (proposal.state, revision.created_by.username, cost()) == ("OPEN", "boss", 3)
    assert proposal.lines.get(decision="OPEN").token_class == "output_tokens"
    assert Price.objects.get(superseded_in=revision).per_million == Decimal("2.5")


@pytest.mark.parametrize("figure", ["25", "0.25"])
def test_ten_times_or_a_tenth_needs_its_figure_confirmed(used, admin, figure):
    sync_prices(catalogue=catalogue(FIRST), now=NOW)
    wanted = catalogue(("gpt-4o", "input_tokens", figure, {}))
    line = sync_prices(catalogue=wanted, now=NOW).proposal.lines.get()
    where = f"/admin/price-changes/{line.proposal_id}/decide"
    answer = admin.post(where, {"seen": line.pk}, follow=True).content.decode()
    assert f"Input: {figure} USD instead of 2.5" in answer
    assert cost() == Decimal("2.5")
    admin.post(where, {"seen": line.pk, "confirmed": line.pk})
    assert cost() == Decimal(figure)


def test_a_price_by_hand_stays_where_a_sync_brings_another(used):
    Price.objects.create(
        provider_code="openai", model="gpt-4o", token_class="input_tokens", per_million=7,
        valid_to=dt.date(2026, 10, 1),
    )  # fmt: skip
    Price.objects.create(
        provider_code="openai", model="other", token_class="input_tokens", per_million=7
    )
    proposal = sync_prices(
        catalogue=catalogue(FIRST, ("other", "input_tokens", "1", {})), now=NOW
    ).proposal
    from usage.repricing import approve

    keys = list(proposal.lines.values_list("pk", flat=True))
    approve(proposal=proposal, lines=keys, user=None, now=NOW)
    rows = Price.objects.filter(superseded_at=None).order_by("model", "valid_from")
    assert [(r.model, r.per_million, r.valid_from, r.valid_to) for r in rows] == [
        ("gpt-4o", Decimal("2.5"), dt.date(2026, 10, 1), None),
        ("gpt-4o", 7, None, dt.date(2026, 10, 1)),
        ("other", 7, None, None),
    ]


def test_a_price_that_is_gone_is_withdrawn(used):
    sync_prices(catalogue=catalogue(FIRST), now=NOW)
    empty = dataclasses.replace(catalogue(), prices=[])
    line = sync_prices(catalogue=empty, now=NOW).proposal.lines.get()
    assert line.action == "WITHDRAW"
    call_command("reprice", proposal=line.proposal_id, stdout=io.StringIO())
    assert cost() is None


def sync(tmp_path, name, content, **options):
    path = tmp_path / name
    path.write_text(content)
    out = io.StringIO()
    call_command("sync_prices", file=path, stdout=out, **options)
    return out.getvalue()


def test_litellm_price_map(db, tmp_path):
    said = sync(tmp_path, "model_prices_and_context_window.json", json.dumps(LITELLM))
    rows = Price.objects.order_by("pk")
    found = {
        (r.provider_code, r.model, r.region, r.service_tier, r.token_class, r.unit, r.threshold):
        r.per_million.normalize() for r in rows
    }  # fmt: skip
    gpt = ("openai", "gpt-4o", "")
    assert found == {
        (*gpt, "", "input_tokens", "", 0): Decimal(2),
        (*gpt, "", "output_tokens", "", 0): Decimal(10),
        (*gpt, "", "cache_read_tokens", "", 0): Decimal("1.25"),
        (*gpt, "", "input_tokens", "", 200_000): Decimal(4),
        (*gpt, "batch", "input_tokens", "", 0): Decimal(1),
        (*gpt, "priority", "input_tokens", "", 0): Decimal("4.25"),
        ("anthropic", "claude-x", "", "", "input_tokens", "", 0): Decimal(3),
        ("anthropic", "claude-x", "", "", "cache_write_1h_tokens", "", 0): Decimal(6),
        ("aws", "vendor.model-v1:0", "us-east-1", "", "input_tokens", "", 0): Decimal(1),
        ("openai", "whisper-1", "", "", "units", "second", 0): Decimal(100),
    }
    assert "left out: 1 × output_cost_per_reasoning_token: no token class or unit here" in said
    assert "left out: 2 × 0: the map does not say whether it is free or unknown" in said
    assert "left out: 1 × stated twice, differently: the first is taken" in said
    assert "10 prices added, 0 changed, 0 superseded, 0 unchanged" in said


def test_a_map_without_dates_holds_from_today_and_leaves_the_past(used, tmp_path):
    Price.objects.create(
        provider_code="openai", model="gpt-4o", token_class="input_tokens", per_million="2.5",
        source="genai-prices",
    )  # fmt: skip
    said = sync(tmp_path, "map.json", json.dumps(LITELLM), verbosity=1)
    assert ": 2.5 → 2 (× 0.8) USD" in said
    line = ProposedPrice.objects.get(action="CHANGE")
    assert line.valid_from is not None
    call_command("reprice", proposal=line.proposal_id, stdout=io.StringIO())
    rows = Price.objects.filter(
        model="gpt-4o", token_class="input_tokens", threshold=0, service_tier="", superseded_at=None
    )
    assert [(r.per_million, r.valid_from, r.valid_to) for r in rows.order_by("pk")] == [
        (Decimal("2.5"), None, line.valid_from), (2, line.valid_from, None),
    ]  # fmt: skip
    assert cost() == Decimal("2.5")


def test_the_catalogue_does_not_take_back_what_a_file_brought(db, tmp_path):
    first = catalogue(FIRST, ("gpt-4o", "output_tokens", "10", {}))
    sync_prices(catalogue=first, now=NOW)
    sync(tmp_path, "map.json", json.dumps(LITELLM))
    sync(tmp_path, "f.csv", CSV + "openai,gpt-4o,output_tokens,9,USD,2026-10-01,2026-10-02,\r\n")
    before = book()
    again = sync_prices(catalogue=first, now=NOW)
    assert (again.comparison.lines, again.comparison.unchanged) == ([], 3)
    assert book() == before
    assert ("gpt-4o", "input_tokens", "2", "litellm") in before


GENAI = [{
    "id": "acme", "name": "Acme", "api_pattern": "https://acme", "models": [{
        "id": "big", "match": {"or": [{"equals": "big"}, {"equals": "big-latest"}]},
        "prices": {"input_mtok": 2.5, "output_mtok": {
            "base": 10, "tiers": [{"start": 200000, "price": 15}]}},
    }],
}]  # fmt: skip


def test_genai_prices_data_file(db, tmp_path):
    sync(tmp_path, "data.json", json.dumps(GENAI))
    rows = Price.objects.filter(token_class__in=["input_tokens", "output_tokens"]).order_by("pk")
    assert [(r.model, r.threshold, r.per_million) for r in rows] == [
        ("big", 0, Decimal("2.5")), ("big", 0, 10), ("big", 200000, 15),
    ]  # fmt: skip
    assert ModelAlias.objects.get().alias == "big-latest"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("hello", "it is none of: LiteLLM's model_prices_and_context_window.json"),
        ("{}", "it is none of"),
        ("{", "is not JSON"),
        ('[{"id": "a", "models": [{"id": 1}]}]', "is no data file of the installed genai-prices"),
        (CSV, "f.x: no row"),
        (CSV + "openai,m,input_tokens,-1,USD,,,\r\n", "line 2: per_million '-1' is no price"),
        (CSV + "openai,m,input_tokens,NaN,USD,,,\r\n", "line 2: per_million 'NaN' is no price"),
        (CSV + "openai,m,tokens,1,USD,,,\r\n", "token_class 'tokens' is not known; accepted:"),
        (CSV + "openai,m,units,1,USD,,,\r\n", "line 2: units need their name"),
        (CSV + ",m,input_tokens,1,USD,,,\r\n", "line 2: provider and model are needed"),
        (CSV + "openai,m,input_tokens,1,dollar,,,\r\n", "'dollar' is no currency code"),
        (CSV + "openai,m,input_tokens,1,USD,soon,,\r\n", "'soon' is no day such as 2026-10-01"),
        (
            CSV + "openai,m,input_tokens,1,USD,2026-02-01,2026-02-01,\r\n",
            "the end 2026-02-01 is not after the start",
        ),
        (CSV + "openai,m,input_tokens,1,USD,,,\r\n" * 2, "openai m input_tokens twice on the same"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_is_refused_in_a_sentence(db, tmp_path, content, sentence):
    with pytest.raises(CommandError) as refused:
        sync(tmp_path, "f.x", content)
    assert sentence in str(refused.value)
    assert (Price.objects.count(), PriceRevision.objects.count()) == (0, 0)


def test_price_csv_by_the_admin_waits_and_replaces_a_price_by_hand_on_its_days(used, admin, prices):
    content = CSV + (
        "OpenAI,GPT-4o,input_tokens,2.00000000005,USD,2026-10-01,2026-11-01,\r\n"
        "openai,gpt-4o,input_tokens,1.9,USD,2026-11-01,,CONTRACTED\r\n"
    )
    file = SimpleUploadedFile("ours.csv", content.encode())
    answer = admin.post("/admin/price-changes/upload", {"file": file})
    proposal = PriceProposal.objects.get()
    assert answer["Location"] == f"/admin/price-changes/{proposal.pk}"
    page = admin.get(answer["Location"])
    assert page.context["preview"].total == Decimal("-0.4999999999")
    assert cost() == Decimal("2.5")
    admin.post(f"{answer['Location']}/decide", {"seen": page.context["chosen"]})
    rows = Price.objects.filter(token_class="input_tokens", kind="LIST", superseded_at=None)
    assert [
        (str(r.per_million), r.original, r.valid_from, r.valid_to)
        for r in rows.order_by("per_million", "valid_from")
    ] == [
        ("2.0000000001", "2.00000000005", dt.date(2026, 10, 1), dt.date(2026, 11, 1)),
        ("2.5000000000", "", dt.date(2026, 11, 1), None),
        ("2.5000000000", "", None, dt.date(2026, 10, 1)),
    ]
    assert cost() == Decimal("2.0000000001")


def test_the_template_is_a_file_that_can_be_brought(admin):
    content = admin.get("/admin/price-changes/template.csv").content
    admin.post("/admin/price-changes/upload", {"file": SimpleUploadedFile("t.csv", content)})
    assert book() == [
        ("gpt-4o", "input_tokens", "2.25", "csv"), ("gpt-4o", "units", "4E+4", "csv"),
    ]  # fmt: skip


def test_dry_run_shows_old_and_new_with_money_and_writes_nothing(
    used, tmp_path, prices, monkeypatch
):
    from django.utils import timezone

    monkeypatch.setattr(timezone, "localdate", lambda *_: dt.date(2026, 11, 20))
    said = sync(tmp_path, "f.csv", CSV + "openai,gpt-4o,input_tokens,5,USD,,,\r\n", dry_run=True)
    assert "openai gpt-4o\n  ~ Input: 2.5 → 5 (× 2) USD" in said
    assert "Prices in use: +$2.50 of AI cost in October 2026" in said
    assert said.endswith("0 aliases (dry run: nothing written)\n")
    assert (PriceProposal.objects.count(), cost()) == (0, Decimal("2.5"))
