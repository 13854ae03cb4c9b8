"""Bills of providers by command, by HTTP and as jobs: the same call, the same answers."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from billing.models import ProviderImport
from billing.provider_bills import receive_bill, start_bill, work
from tests.billing.provider_files import openai_costs
from tknops.jobs.run import run
from usage.keys import create_key

pytestmark = pytest.mark.django_db
URL = "/api/v1/billing/provider-bills"
OCTOBER = openai_costs(("2026-10-02", "gpt-4o, input", 12.5, 5_000_000))
LATER = openai_costs(("2026-10-03", "gpt-4o, input", 1, 1))


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path / "uploads"
    return settings.UPLOAD_DIR


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """Do what waits for the commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "costs.json"
    path.write_text(OCTOBER)
    return path


@pytest.fixture
def post(client, source):
    headers = {"Authorization": f"Bearer {create_key(source=source, scopes=['billing:write'])}"}

    def send(query="", body=OCTOBER, **form):
        given = {"data": form} if form else {"data": body, "content_type": "application/json"}
        return client.post(URL + query, **given, headers=headers)

    send.get = lambda url: client.get(url, headers=headers)
    return send


def test_the_command_imports_and_keeps_no_file(file, uploads, capsys, commit):
    with commit():
        call_command("import_provider_bill", file, "--format", "openai-costs", "--total", "12.50")
    made = ProviderImport.objects.get()
    assert (made.state, made.lines, made.sender) == ("APPLIED", 1, "command line")
    assert made.invoices.get().total_stated == 12.5
    assert capsys.readouterr().out == (
        f"  openai 2026-10  OpenAI costs  12.5 USD\nImport {made.pk}: 1 lines count\n"
    )
    assert list(uploads.iterdir()) == []


def test_a_dry_run_reads_and_leaves_nothing(file, uploads, capsys, commit):
    with commit():
        call_command("import_provider_bill", file, "--dry-run")
    assert "Dry run: 1 lines read, nothing was written." in capsys.readouterr().out
    assert (ProviderImport.objects.count(), list(uploads.iterdir())) == (0, [])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--format", "focus"], "1 errors; nothing was written"),
        (["--total", "twelve"], "total: 'twelve' is not a number like 8120.40"),
        (["--rate", "0"], "rate: '0' is not a number"),
    ],
)
def test_the_command_says_what_is_wrong(file, uploads, capsys, commit, given, words):
    with commit(), pytest.raises(CommandError, match=words):
        call_command("import_provider_bill", file, *given)
    if "focus" in given:
        assert "is read as OpenAI costs, but focus was said" in capsys.readouterr().err
    assert ProviderImport.objects.count() == 0
    assert list(uploads.glob("*")) == []


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"none\.json cannot be read: No such file"):
        call_command("import_provider_bill", tmp_path / "none.json")


def test_by_http_a_bill_is_imported_and_its_state_can_be_asked(post):
    answer = post("?format=openai-costs&file_name=costs.json")
    found = answer.json()
    assert (answer.status_code, found["state"], found["rows"], found["created"]) == (
        202, "applied", 1, 1,
    )  # fmt: skip
    assert found["job"]["state"] == "done"
    assert found["invoices"] == [
        {"provider": "openai", "month": "2026-10", "currency": "USD", "source": "openai_costs",
         "number": ""},
    ]  # fmt: skip
    assert post.get(found["url"]).json() == found
    again = post()
    assert (again.status_code, again.json()["id"]) == (200, found["id"])
    assert "This very bill was imported on" in again.json()["detail"]
    assert ProviderImport.objects.count() == 1


def test_by_http_several_files_are_one_bill_and_a_dry_run_counts_nothing(post):
    files = [
        SimpleUploadedFile(f"{n}.json", text.encode()) for n, text in enumerate((OCTOBER, LATER))
    ]
    found = post(file=files, dry_run="1").json()
    assert (found["state"], found["rows"], found["created"]) == ("staged", 2, 0)
    assert found["file_name"] == "0.json and 1 more"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?format=fax", "format: 'fax' is not one of auto, openai-costs"),
        ("?total=x", "total: 'x' is not a number"),
    ],
)
def test_by_http_what_was_said_is_checked(post, query, words):
    answer = post(query)
    assert answer.status_code == 400
    assert words in answer.json()["detail"]
    assert ProviderImport.objects.count() == 0


def test_by_http_a_bill_beside_another_says_why_it_does_not_count(post):
    post()
    found = post(body=openai_costs(("2026-10-02", "gpt-4o, input", 2, 1))).json()
    assert found["state"] == "staged"
    assert "openai has a bill for October 2026 already" in found["warnings"][0]["message"]


def test_a_large_bill_is_read_by_a_worker_with_progress(monkeypatch, uploads, commit):
    monkeypatch.setattr(work, "AT_ONCE", 0)
    monkeypatch.setattr("billing.provider_bills.reading._BETWEEN_REPORTS", 1)
    made = receive_bill(files=[([OCTOBER.encode()], "a"), ([LATER.encode()], "b")])
    job = start_bill(made=made, whole=False)
    made.refresh_from_db()
    assert (job.state, made.state) == ("QUEUED", "STAGING")
    reports = []
    with commit():
        result = work.read_kept(lambda *done: reports.append(done), bill=made.pk)
    assert (result["state"], reports) == ("STAGED", [(1, None), (2, None)])
    assert list(uploads.iterdir()) == []
    run(job.pk)  # read already: the second worker changes nothing
    made.refresh_from_db()
    assert (made.state, made.lines) == ("STAGED", 2)
