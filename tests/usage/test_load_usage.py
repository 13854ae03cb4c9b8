"""load_usage: each format, what is told about it, and that loading again stores nothing twice."""

import csv
import gzip
import io
import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command

from customers.models import Customer
from tests.usage.spans import request, span
from usage.loading import Mapping, load_file
from usage.models import UsageBatch, UsageEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(capsys):
    """Run the command; return what it says."""

    def run(*files, **options):
        out = io.StringIO()
        call_command("load_usage", *map(str, files), stdout=out, **options)
        return out.getvalue().splitlines()

    return run


@pytest.fixture
def lines(tmp_path):
    """Write records as JSON lines."""

    def write(*records, name="usage.jsonl"):
        path = tmp_path / name
        texts = [one if isinstance(one, str) else json.dumps(one) for one in records]
        path.write_text("\n".join(texts) + "\n")
        return path

    return write


@pytest.fixture
def table(tmp_path):
    """Write rows as CSV; nested values as JSON, as exports do."""

    def write(*rows):
        path = tmp_path / "usage.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            for row in rows:
                writer.writerow({
                    name: json.dumps(value) if isinstance(value, dict | list) else value
                    for name, value in row.items()
                })  # fmt: skip
        return path

    return write


def flat(**fields):
    return {"id": "a", "time": "2026-10-05T14:03:21Z", "provider": "openai", "model": "gpt-4o",
            "customer": "acme", "input_tokens": 5, "output_tokens": 1} | fields  # fmt: skip


def figures(ledger):
    return [
        (line.context.sku.provider_code, line.context.sku.model, line.input_tokens,
         line.cache_read_tokens, line.output_tokens, line.stated_cost and str(
             line.stated_cost.normalize()))
        for line in ledger()
    ]  # fmt: skip


def test_native_lines_again_are_duplicates(load, lines, event):
    path = lines(event(id="a"), event(id="b"))
    assert load(path)[0] == "usage.jsonl: 2 stored, 0 duplicate, 0 conflict, 0 rejected"
    assert load(path)[0] == "usage.jsonl: 0 stored, 2 duplicate, 0 conflict, 0 rejected"


def test_rows_without_id_are_known_by_file_and_line(load, table):
    rows = [{name: value for name, value in flat().items() if name != "id"}] * 2
    path = table(*rows)
    assert load(path)[0] == "usage.csv: 2 stored, 0 duplicate, 0 conflict, 0 rejected"
    assert load(path)[0] == "usage.csv: 0 stored, 2 duplicate, 0 conflict, 0 rejected"


def test_array_pretty_document_and_gzip(load, tmp_path, event):
    (tmp_path / "a.json").write_text(json.dumps([event(id="a")]))
    (tmp_path / "b.json").write_text(json.dumps({"events": [event(id="b")]}, indent=2))
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(json.dumps(event(id="c")).encode()))
    for name in ("a.json", "b.json", "c.jsonl.gz"):
        assert load(tmp_path / name)[0] == f"{name}: 1 stored, 0 duplicate, 0 conflict, 0 rejected"


def test_parquet_by_row_group(load, tmp_path, ledger):
    rows = [flat(id=f"p-{n}", cost=Decimal("0.0123")) for n in range(5)]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "usage.parquet", row_group_size=2)
    assert load(tmp_path / "usage.parquet")[0].startswith("usage.parquet: 5 stored")
    assert figures(ledger)[0] == ("openai", "gpt-4o", 5, 0, 1, "0.0123")


def test_bad_lines_are_told_by_number_and_code(load, lines, event):
    bad = event(id="b", usage={"input_tokens": -1})
    said = load(lines(event(id="a"), bad, '{"id": "broken', event(id="c")))
    assert said[:5] == [
        "usage.jsonl: 2 stored, 0 duplicate, 0 conflict, 2 rejected",
        "  2 rejected:",
        "    1 × negative_tokens",
        "    1 × not_an_object",
        "    line 2: negative_tokens: A quantity is below 0.",
    ]


def test_gaps_are_told(load, lines, event, prices):
    Customer.objects.create(external_id="acme", name="Acme")
    said = load(lines(event(id="a"), event(id="b", customer="stranger"),
                      event(id="c", customer=None), event(id="d", model="nobody")))  # fmt: skip
    assert said[1:] == [
        "  2 unattributed:",
        "    1 × no customer sent",
        "    1 × no such customer",
        "  1 unpriced:",
        "    1 × openai nobody: not in the price book",
    ]


def test_dry_run_stores_nothing_and_says_what_would_be(load, lines, event):
    load(lines(event(id="a"), name="first.jsonl"))
    said = load(lines(event(id="a"), event(id="b"), event(id="b"), event(id="", model="x")),
                dry_run=True)  # fmt: skip
    assert said[0] == (
        "usage.jsonl: 1 stored, 2 duplicate, 0 conflict, 1 rejected (dry run: nothing was stored)"
    )
    assert (UsageEvent.objects.count(), UsageBatch.objects.count()) == (1, 1)


def test_cancelled_load_goes_on_where_it_stopped(source, lines, event):
    path = lines(*(event(id=f"e-{n}") for n in range(4_500)))
    asked = iter([False, False, True])
    behind = []
    first = load_file(path, source=source, file_format="native", mapping=Mapping(),
                      progress=behind.append, cancelled=lambda: next(asked))  # fmt: skip
    assert (first.cancelled, first.counts["stored"]) == (True, 4_000)
    assert behind == sorted(behind)
    again = load_file(path, source=source, file_format="native", mapping=Mapping(),
                      progress=behind.append)  # fmt: skip
    assert (again.cancelled, again.counts["stored"], again.counts["duplicate"]) == (
        False, 500, 4_000,
    )  # fmt: skip
    assert UsageEvent.objects.count() == 4_500
    assert behind[-1] == path.stat().st_size


LITELLM = {
    "request_id": "req-1", "call_type": "acompletion", "spend": "0.0242", "total_tokens": 1500,
    "prompt_tokens": 1200, "completion_tokens": 300, "startTime": "2026-10-05 14:03:21.123",
    "model": "gpt-4o", "custom_llm_provider": "openai", "cache_hit": "False", "user": "u-1",
    "team_id": "support", "end_user": "acme", "status": "success",
    "metadata": {"usage_object": {"prompt_tokens": 1200, "completion_tokens": 300,
                                  "prompt_tokens_details": {"cached_tokens": 1000}},
                 "cost_breakdown": {"original_cost": 0.022}},
    "request_tags": ["a:b"], "messages": {"canary": 1},
}  # fmt: skip
PORTKEY = {
    "id": "pk-1", "created_at": "2026-10-05 14:03:21", "ai_org": "openai", "ai_model": "gpt-4o",
    "req_units": 1200, "res_units": 300, "total_units": 1500, "cost": 2.2, "cost_currency": "USD",
    "response_status_code": 200, "metadata": {"_user": "u-1", "customer": "acme"},
    "request": {"canary": 1},
}  # fmt: skip
LANGFUSE = {
    "id": "lf-1", "type": "GENERATION", "startTime": "2026-10-05T14:03:21.123Z", "model": "gpt-4o",
    "usageDetails": {"input": 200, "input_cached_tokens": 1000, "output": 280,
                     "output_reasoning": 20, "total": 1500},
    "costDetails": {"input": 0.012, "output": 0.01, "total": 0.022}, "userId": "u-1",
    "metadata": {"customer": "acme"}, "input": "a secret question", "output": "a secret answer",
}  # fmt: skip
HELICONE = {
    "request_id": "h-1", "request_created_at": "2026-10-05T14:03:21.123Z", "provider": "OPENAI",
    "model": "gpt-4o", "prompt_tokens": 1200, "completion_tokens": 300, "costUSD": 0.022,
    "prompt_cache_read_tokens": 1000, "request_user_id": "u-1", "response_status": 200,
    "request_properties": {"Customer": "x", "customer": "acme"},
}  # fmt: skip
RECORDS = {
    "litellm": (LITELLM, ("openai", "gpt-4o", 200, 1000, 300, "0.022")),
    "portkey": (PORTKEY, ("openai", "gpt-4o", 1200, 0, 300, "0.022")),
    "langfuse": (LANGFUSE, ("unknown", "gpt-4o", 200, 1000, 300, "0.022")),
    "helicone": (HELICONE, ("openai", "gpt-4o", 200, 1000, 300, "0.022")),
}


@pytest.mark.parametrize("form", ["lines", "table"])
@pytest.mark.parametrize("name", RECORDS)
def test_log_of_a_gateway(load, lines, table, ledger, name, form):
    record, expected = RECORDS[name]
    path = lines(record) if form == "lines" else table(record)
    assert load(path, format=name)[0].endswith("1 stored, 0 duplicate, 0 conflict, 0 rejected")
    assert figures(ledger) == [expected]
    [line] = ledger()
    assert line.context.customer_reference == "acme"
    assert line.flags == 0
    assert load(path, format=name)[0].endswith("0 stored, 1 duplicate, 0 conflict, 0 rejected")


def test_portkey_metadata_as_parallel_arrays_and_cache_hit(load, lines, ledger):
    pairs = {"key": ["customer", "_user"], "value": ["acme", "u-1"]}
    load(lines(PORTKEY | {"metadata": pairs, "cache_status": "HIT", "cost": 0}), format="portkey")
    [line] = ledger()
    assert (line.context.customer_reference, line.context.outcome) == ("acme", "cache_hit")
    assert (line.input_tokens, line.stated_cost) == (0, 0)


def test_langfuse_spans_are_ignored_and_legacy_usage_read(load, lines, ledger):
    legacy = {"id": "lf-2", "type": "GENERATION", "start_time": "2026-10-05 14:03:21",
              "model": "gpt-4o", "usage": {"promptTokens": 12, "completionTokens": 3,
                                           "unit": "TOKENS", "totalCost": 0.5}}  # fmt: skip
    said = load(lines(LANGFUSE | {"type": "SPAN"}, legacy), format="langfuse",
                set=["provider=openai"])  # fmt: skip
    assert said[:3] == [
        "usage.jsonl: 1 stored, 0 duplicate, 0 conflict, 0 rejected",
        "  1 ignored:",
        "    1 × not_inference",
    ]
    assert figures(ledger) == [("openai", "gpt-4o", 12, 0, 3, "0.5")]


def test_otlp_lines(load, lines, ledger):
    said = load(lines(request(span(1), span(2)), request(span(2))), format="otlp")
    assert said[0] == "usage.jsonl: 2 stored, 1 duplicate, 0 conflict, 0 rejected"


def test_openai_batch_output(load, lines, ledger):
    body = {"id": "chatcmpl-1", "created": 1790000000, "model": "gpt-4o-2024-08-06",
            "choices": [{"message": {"content": "a secret answer"}}],
            "usage": {"prompt_tokens": 1200, "completion_tokens": 300, "total_tokens": 1500,
                      "prompt_tokens_details": {"cached_tokens": 1000}}}  # fmt: skip
    good = {"id": "batch_req_1", "custom_id": "acme", "error": None,
            "response": {"status_code": 200, "request_id": "r", "body": body}}  # fmt: skip
    failed = {"id": "batch_req_2", "custom_id": "x", "response": None, "error": {"code": "e"}}
    said = load(lines(good, failed), format="openai-batch", map=["customer=custom_id"])
    assert said[:3] == [
        "usage.jsonl: 1 stored, 0 duplicate, 0 conflict, 0 rejected",
        "  1 ignored:",
        "    1 × failed_request",
    ]
    [line] = ledger()
    assert (line.context.sku.service_tier, line.context.customer_reference) == ("batch", "acme")
    assert (line.input_tokens, line.cache_read_tokens) == (200, 1000)
    assert line.occurred_at.isoformat() == "2026-09-21T14:13:20+00:00"


def test_columns_constants_and_zone(load, table, ledger):
    row = {"when": "2026-10-05 14:03:21", "who": "acme", "in": "5", "tier": "flex"}
    said = load(table(row), map=["time=when", "customer=who", "input_tokens=in",
                                 "service_tier=tier"],
                set=["provider=openai", "model=gpt-4o", "tags.release=v1"],
                timezone="Europe/Berlin")  # fmt: skip
    assert said[0].startswith("usage.csv: 1 stored")
    [line] = ledger()
    assert line.occurred_at.isoformat() == "2026-10-05T12:03:21+00:00"
    assert (line.context.sku.service_tier, line.context.tags) == ("flex", {"release": "v1"})


BROKEN = {
    "cut.jsonl.gz": gzip.compress(b'{"id":"a"}\n' * 1000)[:40],
    "cut.parquet": b"PAR1 and no more",
    "latin.csv": "id,model\na,caf\xe9\n".encode("latin-1"),
    "cut.json": b'[{"id":"a"}',
}


@pytest.mark.parametrize("name", BROKEN)
def test_file_that_cannot_be_read_is_named(load, tmp_path, name):
    (tmp_path / name).write_bytes(BROKEN[name])
    with pytest.raises(CommandError, match=name):
        load(tmp_path / name)


def test_missing_file_is_named(load, tmp_path):
    with pytest.raises(CommandError, match=r"none\.csv cannot be read: No such file"):
        load(tmp_path / "none.csv")
