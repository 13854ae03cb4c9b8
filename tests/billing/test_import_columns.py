"""Files of any biller: how they are written is shown and asked, their columns mapped and saved."""

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from billing.importers import apply_import, import_file, save_mapping
from billing.importers.columns import suggest
from billing.models import BillingImport, BillingMapping, InvoiceLine
from billing.roles import ensure_roles

pytestmark = pytest.mark.django_db
OTHER = (
    "Kundennummer;Kunde;Rechnungsnummer;Rechnungsdatum;Netto;Leistung von;Leistung bis\r\n"
    "K-7;Müller GmbH;R-1;01.10.2026;1.200,50;01.10.2026;31.10.2026\r\n"
    "K-8;Ökohaus AG;R-2;02.10.2026;99,00;01.10.2026;31.10.2026\r\n"
).encode("cp1252")


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path / "uploads"


@pytest.fixture
def person(client):
    def sign_in(role="Finance admin"):
        ensure_roles()
        user = get_user_model().objects.create_user(role, is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return sign_in


def upload(client, content, profile="auto", name="f.csv"):
    sent = {"file": SimpleUploadedFile(name, content), "profile": profile}
    answer = client.post("/admin/import-billing", sent)
    return BillingImport.objects.latest("pk"), answer


def form(page, **more):
    """Answer the form as it is shown: what is preselected is sent."""
    found = page.context["found"]
    sent = {f"column-{name}": column for name, column in found.columns.items()}
    if found.last_day_counts:
        sent["last_day_counts"] = "1"
    return sent | more


def test_a_file_of_another_biller_is_mapped_saved_and_recognised_the_next_time(person):
    client = person()
    made, answer = upload(client, OTHER)
    assert answer["Location"] == f"/admin/import-billing/{made.pk}/columns"
    page = client.get(answer["Location"])
    shown = page.content.decode()
    for words in ("found out: Windows-1252", "found out: semicolon", "found out: 1.234,56"):
        assert words in shown
    assert "Müller GmbH" in shown
    sent = form(page)
    assert sent["column-external_customer_id"] == "Kundennummer"
    again = client.post(answer["Location"], sent).content.decode()
    assert "Still needed: Currency" in again
    alike, _ = upload(client, OTHER.replace(b"R-1", b"R-5").replace(b"R-2", b"R-6"))
    unlike, _ = upload(client, OTHER.replace(b"Kundennummer", b"Kunde"))
    client.post(answer["Location"], sent | {"constant-currency": "EUR", "name": "haus"})
    for one, stands in ((made, "STAGED haus"), (alike, "STAGED haus"), (unlike, "ASKING columns")):
        one.refresh_from_db()
        assert f"{one.state} {one.profile}" == stands
    preview = client.get(f"/admin/import-billing/{made.pk}").content.decode()
    assert "€1,299.50" in preview
    client.post(f"/admin/import-billing/{made.pk}/apply")
    found = InvoiceLine.objects.order_by("amount_minor").values_list("amount_minor", "service_end")
    assert [(minor, str(day)) for minor, day in found] == [
        (9900, "2026-11-01"),
        (120050, "2026-11-01"),
    ]
    other = OTHER.replace(b"R-1", b"R-3").replace(b"R-2", b"R-4")
    second, _ = upload(client, other)
    assert (second.state, second.profile) == ("STAGED", "haus")


def test_an_ambiguous_column_stops_and_asks_once_for_the_whole_file(person):
    client = person()
    head = b"external_customer_id,invoice_id,amount,currency,invoice_date,type\n"
    made, answer = upload(client, head + b'a,I1,"1,234",USD,03/04/2026,one_time\n')
    assert (made.state, made.asks) == ("ASKING", ["dates", "decimal"])
    page = client.get(answer["Location"]).content.decode()
    assert "line 2: column &#x27;amount&#x27;: the comma of &#x27;1,234&#x27; may mean" in page
    assert "&#x27;03/04/2026&#x27; may have the day or the month first" in page
    url = f"/admin/import-billing/{made.pk}/columns"
    assert client.post(url, {"decimal": "."})["Location"] == url
    client.post(url, {"decimal": ".", "dates": "DMY"})
    made.refresh_from_db()
    assert made.state == "STAGED"
    row = made.staged.get()
    assert (row.amount_minor, str(row.invoice_date)) == (123400, "2026-04-03")


def test_what_is_shown_can_be_changed_before_it_is_confirmed(person):
    client = person()
    head = "external_customer_id,customer_name,invoice_id,amount,currency,invoice_date,type\n"
    made, _ = upload(client, (head + "a,Łódź,I1,1,USD,2026-10-01,one_time\n").encode("cp1250"))
    assert made.staged.get().customer_name == "£ódŸ"
    client.post(f"/admin/import-billing/{made.pk}/columns", {"encoding": "cp1250"})
    assert made.staged.get().customer_name == "Łódź"


def test_a_word_that_is_no_choice_changes_nothing(person):
    client = person()
    made, _ = upload(client, OTHER, "columns")
    page = client.post(f"/admin/import-billing/{made.pk}/columns", {"encoding": "rot13"})
    assert "rot13" in page.content.decode()
    assert BillingImport.objects.get().reading == {}


def test_an_analyst_previews_but_saves_no_mapping_and_imports_nothing(person):
    client = person("Analyst")
    made, answer = upload(client, OTHER)
    page = client.get(answer["Location"])
    assert "Save this mapping" not in page.content.decode()
    client.post(answer["Location"], form(page, **{"constant-currency": "EUR", "name": "mine"}))
    made.refresh_from_db()
    assert (made.state, BillingMapping.objects.count()) == ("STAGED", 0)
    assert client.post(f"/admin/import-billing/{made.pk}/apply").status_code == 403


def test_an_invoice_with_other_content_is_replaced_only_when_asked(person):
    client = person()
    head = b"external_customer_id,invoice_id,amount,currency,invoice_date,type\n"
    first, _ = upload(client, head + b"a,I1,1,USD,2026-10-01,one_time\n")
    apply_import(made=first)
    second, _ = upload(client, head + b"a,I1,2,USD,2026-10-01,one_time\n")
    page = client.get(f"/admin/import-billing/{second.pk}").content.decode()
    assert "Preview replacing these invoices" in page
    client.post(f"/admin/import-billing/{second.pk}/replace")
    client.post(f"/admin/import-billing/{second.pk}/apply")
    assert InvoiceLine.objects.get().amount_minor == 200
    assert client.post(f"/admin/import-billing/{second.pk}/replace").status_code == 404


def test_seen_before_says_when_and_by_whom(person):
    client = person()
    content = b"external_customer_id,invoice_id,amount,currency,invoice_date,type\n"
    content += b"a,I1,1,USD,2026-10-01,one_time\n"
    first, _ = upload(client, content)
    apply_import(made=first)
    first.refresh_from_db()
    second, _ = upload(client, content)
    page = client.get(f"/admin/import-billing/{second.pk}").content.decode()
    when = f"{first.applied_at:%Y-%m-%d %H:%M}"
    assert f"imported before, on {when} by Finance admin" in page


def test_the_command_takes_a_mapping_and_answers(tmp_path, capsys):
    said = {"columns": suggest(OTHER.decode("cp1252").splitlines()[0].split(";"))}
    said |= {"constants": {"currency": "EUR"}, "last_day_counts": True}
    save_mapping(name="haus", said=said, names=[])
    path = tmp_path / "haus.csv"
    path.write_bytes(OTHER)
    call_command("import_billing", path, "--profile", "haus")
    assert "1,299.50 EUR" in capsys.readouterr().out
    path.write_text("external_customer_id,invoice_id,amount,currency,invoice_date,type\n"
                    'a,I1,"1,234",USD,2026-10-01,one_time\n')  # fmt: skip
    with pytest.raises(CommandError, match="say decimal, here or on the page"):
        call_command("import_billing", path, "--profile", "auto")
    call_command("import_billing", path, "--profile", "auto", "--decimal", ".")
    with pytest.raises(CommandError, match="'nope' is not a profile; accepted: auto, generic"):
        call_command("import_billing", path, "--profile", "nope")
    assert InvoiceLine.objects.count() == 3


def test_words_of_other_billers_are_understood_and_unknown_ones_refused(tmp_path):
    said = {"columns": {name: name for name in (
        "external_customer_id", "invoice_id", "amount", "currency", "invoice_date", "type",
        "status")}}  # fmt: skip
    save_mapping(name="other", said=said, names=[])
    path = tmp_path / "f"
    row = "a,I1,1,USD,2026-10-01,charge_item_price,payment_due\n"
    head = ",".join(said["columns"]) + "\n"
    path.write_text(head + row)
    import_file(path=path, file_name="f", profile="other")
    line = InvoiceLine.objects.get()
    assert (line.kind, line.invoice.status) == ("ONE_TIME", "OPEN")
    path.write_text(head + row.replace("payment_due", "maybe").replace("I1", "I2"))
    with pytest.raises(ValueError, match="'maybe' is not one of draft, open"):
        import_file(path=path, file_name="f", profile="other")


@pytest.mark.parametrize("name", ["", "generic", "auto", "x" * 51])
def test_a_mapping_needs_a_name_of_its_own(name):
    with pytest.raises(ValueError, match="cannot name a mapping"):
        save_mapping(name=name, said={}, names=[])
