"""Files of rates and the pages around: read, compared, written whole, taken back."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from billing.margin import margin
from billing.models import ExchangeRate, RateImport
from billing.rate_files import apply_rates, read_rates, undo_rates
from billing.reports.missing_rates import missing_rates
from tests.billing.test_currency import OCTOBER, rate
from tests.billing.test_worked_examples import HEAD

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 28)
ECB = b"""Date,USD,JPY,BGN,
2026-10-05,1.1234,170.05,1.9558,
2026-10-02,1.1200,N/A,1.9558,
"""


@pytest.fixture
def read(tmp_path):
    def do(content, **more):
        path = tmp_path / "eurofxref-hist.csv"
        path.write_bytes(content)
        return read_rates(path=path, file_name=path.name, today=TODAY, **more)

    return do


def in_force():
    rows = ExchangeRate.objects.filter(superseded_at=None).order_by("-date", "quote")
    return [(one.quote, str(one.date), f"{one.rate.normalize():f}") for one in rows]


def test_the_banks_table_is_written_whole_and_na_is_no_rate(read):
    made = read(ECB)
    assert (made.errors, made.created, made.state) == ([], 5, "to be confirmed")
    assert in_force() == []
    apply_rates(made=made, now=timezone.now())
    apply_rates(made=made, now=timezone.now())
    assert in_force() == [
        ("BGN", "2026-10-05", "1.9558"), ("JPY", "2026-10-05", "170.05"),
        ("USD", "2026-10-05", "1.1234"), ("BGN", "2026-10-02", "1.9558"),
        ("USD", "2026-10-02", "1.12"),
    ]  # fmt: skip
    usd = ExchangeRate.objects.get(quote="USD", date="2026-10-05")
    assert (usd.source, usd.import_line, usd.rate_import) == ("European Central Bank", 2, made)
    again = read(ECB)
    assert (again.created, again.corrected, again.unchanged) == (0, 0, 5)


def test_the_daily_file_writes_its_day_in_words(read):
    made = read(b"Date, USD, JPY, \n27 November 2026, 1.1571, 180.91, \n")
    assert made.rows == [(2, "2026-11-27", {"USD": "1.1571", "JPY": "180.91"})]


def test_a_correction_ends_the_version_before_and_its_undo_puts_it_back(read):
    apply_rates(made=read(ECB), now=timezone.now())
    before = in_force()
    made = read(ECB.replace(b"1.1200", b"1.2100").replace(b"N/A", b"169"))
    assert (made.created, made.corrected, made.unchanged) == (1, 1, 4)
    apply_rates(made=made, now=timezone.now())
    assert ("USD", "2026-10-02", "1.21") in in_force()
    assert undo_rates(made=made, now=timezone.now()) == 2
    assert in_force() == before
    with pytest.raises(ValueError, match="it is undone"):
        undo_rates(made=made, now=timezone.now())


def test_an_undo_leaves_what_was_corrected_since(read):
    apply_rates(made=read(ECB), now=timezone.now())
    made = read(ECB.replace(b"1.1200", b"1.2100"))
    apply_rates(made=made, now=timezone.now())
    rate("EURUSD", "2026-10-02", "1.3")
    assert undo_rates(made=made, now=timezone.now()) == 0
    assert ("USD", "2026-10-02", "1.3") in in_force()


@pytest.mark.parametrize(
    ("content", "line", "sentence"),
    [
        (b"Day,USD\n2026-10-05,1\n", 1, "the first column is 'Day', not 'Date'"),
        (b"Date,usd\n2026-10-05,1\n", 1, "column 'usd' is no currency code"),
        (b"Date,EUR\n2026-10-05,1\n", 1, "column 'EUR' is no currency code"),
        (b"Date,USD,USD\n2026-10-05,1,1\n", 1, "column 'USD' stands twice"),
        (b"Date,USD\n05/10/2026,1\n", 2, "'05/10/2026' is not a day such as 2026-10-05"),
        (b"Date,USD\n2026-11-29,1\n", 2, "2026-11-29 is not between"),
        (b"Date,USD\n2026-10-05,0\n", 2, "USD: '0' is not a rate above 0"),
        (b"Date,USD\n2026-10-05,NaN\n", 2, "USD: 'NaN' is not a rate above 0"),
        (b"Date,USD\n2026-10-05,1e3\n", 2, "USD: '1e3' is not a rate above 0"),
        (b"Date,USD\n2026-10-05,1.1\n2026-10-05,1.2\n", 3, "2026-10-05 stands on line 2 already"),
        (b"Date,USD\n2026-10-05,1.1,7\n", 2, "more cells than the 2 columns"),
        (b"Date,USD\n", 1, "the file has no day with rates"),
        (b"PK\x03\x04zip", 1, "a ZIP file that is no XLSX workbook"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_line(read, content, line, sentence):
    made = read(content)
    assert [(one["line"], sentence in one["message"]) for one in made.errors] == [(line, True)]
    with pytest.raises(ValueError, match="line"):
        apply_rates(made=made, now=timezone.now())
    assert in_force() == []


def test_the_command_shows_first_and_writes_then(tmp_path, capsys):
    path = tmp_path / "rates.csv"
    path.write_bytes(ECB)
    call_command("import_rates", str(path), "--dry-run")
    assert (in_force(), RateImport.objects.count()) == ([], 0)
    call_command("import_rates", str(path), "--source", "bank of ours")
    assert "5 new, 0 corrected, 0 as they are; from bank of ours." in capsys.readouterr().out
    assert ExchangeRate.objects.filter(source="bank of ours").count() == 5
    path.write_bytes(b"Date,USD\n2026-10-05,-1\n")
    with pytest.raises(CommandError, match="line 2: USD: '-1' is not a rate"):
        call_command("import_rates", str(path))


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def waiting(import_bytes):
    """Invoices in EUR of 1 and 5 October and of 2 November, one in JPY."""
    rows = [
        f"a,I{number},1,pro,{amount},{code},{day},{day[:8]}28,{day},recurring,paid"
        for number, (amount, code, day) in enumerate([
            (100, "EUR", "2026-10-01"), (50, "EUR", "2026-10-05"), (70, "EUR", "2026-11-02"),
            (900, "JPY", "2026-10-01"),
        ])
    ]  # fmt: skip
    import_bytes((HEAD + "\n".join(rows)).encode())


def test_missing_rates_name_pair_days_and_money_and_lead_to_the_form(waiting, admin):
    page = admin.get("/admin/exchange-rates?month=2026-11")
    rows = page.context["table"].rows
    assert [tuple(row.cells.values()) for row in rows] == [
        ("EUR → USD", "2026-10-01", "2026-10-05", 2, "150.00 EUR", "", "", ""),
        ("EUR → USD", "2026-11-02", "2026-11-02", 1, "70.00 EUR", "", "", ""),
        ("JPY → USD", "2026-10-01", "2026-10-01", 1, "900 JPY", "", "", ""),
    ]
    form = admin.get(f"/admin/{rows[0].links['add']}").context["adminform"].form
    assert [form[name].value() for name in ("base", "quote", "date")] == [
        "EUR", "USD", "2026-10-01",
    ]  # fmt: skip


def test_a_rate_by_hand_counts_at_once_and_a_correction_keeps_the_version_before(waiting, admin):
    sent = {"base": "eur", "quote": "USD", "date": "2026-10-01", "rate": "1.1", "source": "bank"}
    admin.post("/admin/billing/exchangerate/add/", sent)
    assert margin(by=[], period=OCTOBER).total.revenue == 165
    first = ExchangeRate.objects.get()
    admin.post(f"/admin/billing/exchangerate/{first.pk}/change/", sent | {"rate": "2"})
    assert margin(by=[], period=OCTOBER).total.revenue == 300
    versions = ExchangeRate.objects.order_by("pk").values_list("rate", "created_by__username")
    assert list(versions) == [
        (Decimal("1.1"), "boss"), (2, "boss"),
    ]  # fmt: skip
    assert admin.get(f"/admin/billing/exchangerate/{first.pk}/change/").status_code == 200
    assert [one.currency for one in missing_rates(OCTOBER)] == ["JPY"]
    used = admin.get("/admin/exchange-rates?month=2026-10").context["more"][0].rows
    assert [row.cells["rate"] for row in used] == ["2 USD"]
    chosen = list(ExchangeRate.objects.values_list("pk", flat=True))
    admin.post("/admin/billing/exchangerate/", {"action": "withdraw", "_selected_action": chosen})
    assert in_force() == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rate": "0"}, "A rate is above 0"),
        ({"quote": "EUR"}, "is always 1"),
        ({"base": "E1"}, "is no currency code"),
        ({"date": "2999-01-01"}, "has not come"),
    ],
)
def test_the_form_says_what_is_wrong(admin, change, sentence):
    sent = {"base": "EUR", "quote": "USD", "date": "2026-10-01", "rate": "1", "source": "bank"}
    page = admin.post("/admin/billing/exchangerate/add/", sent | change).content.decode()
    assert sentence in page
    assert ExchangeRate.objects.count() == 0


def test_the_pages_preview_confirm_and_undo(admin):
    sent = admin.post(
        "/admin/exchange-rates/import", {"file": SimpleUploadedFile("ecb.csv", ECB)}, follow=True
    )
    assert "2026-10-05" in sent.content.decode()
    [made] = RateImport.objects.all()
    done = admin.post(f"/admin/exchange-rates/import/{made.pk}/apply", follow=True)
    assert "ecb.csv: 5 rates added, 0 corrected." in done.content.decode()
    assert len(in_force()) == 5
    done = admin.post(f"/admin/exchange-rates/import/{made.pk}/undo", follow=True)
    assert "5 rates taken back" in done.content.decode()
    assert in_force() == []
    bad = SimpleUploadedFile("bad.csv", b"Date,USD\n2026-10-05,x\n")
    page = admin.post("/admin/exchange-rates/import", {"file": bad}, follow=True).content.decode()
    assert "line 2: USD: &#x27;x&#x27; is not a rate" in page
