"""What an address or a form can hold that no person types: an answer, never a 500."""

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import NoReverseMatch, reverse

from billing.models import BillingImport
from billing.pages.urls import urlpatterns
from customers.models import Customer
from usage.cube import fold
from usage.models import TagAlias, TagDimension

pytestmark = pytest.mark.django_db
DIGITS = "9" * 6000
QUERIES = (
    "q=%00", "month=%00", "month=0001-01", "month=9999-12", "sort=%00", "format=csv&table=%00",
    "customer=%00", "customer.%00=x", "customer.tier=%00", "feature=%00", "end_user=%00",
    "provider=%00&model=%00", "health=%00", f"page={DIGITS}", f"lines={DIGITS}",
    f"events={DIGITS}", "lines=%C2%B2", "page=0",
    "by=%00&attributes_as=%00", "customer_group=%00", "tag.stage=%00", "team.line=%00",
    "value=%00&canonical=%00",
)  # fmt: skip


@pytest.fixture
def boss(client):
    Customer.objects.create(external_id="acme", name="Acme")
    client.force_login(get_user_model().objects.create_superuser("boss"))
    client.raise_request_exception = False
    return client


def addresses():
    for pattern in urlpatterns:
        try:
            yield reverse(f"pages:{pattern.name}")
        except NoReverseMatch:
            continue
    yield reverse("pages:customer", args=["acme"])
    for name in ("tag", "tag-merge"):
        yield reverse(f"pages:{name}", args=["stage"])


def test_no_page_breaks_over_its_address(boss, send, event, prices):
    send(event(tags={"stage": "prod"}))
    fold()
    pages = list(addresses())
    # Every third pair: each query goes to a third of the pages, each page has a third of them.
    broken = [
        (page, query[:20])
        for number, page in enumerate(pages)
        for query in QUERIES[number % 3 :: 3]
        if boss.get(f"{page}?{query}").status_code >= 500
    ]
    assert (len(pages) > 10, broken) == (True, [])
    assert boss.get("/admin/customer/%00").status_code == 400


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("overview?month=2026-13", "month=&#x27;2026-13&#x27; is not understood; accepted: a"),
        ("mrr?month=october", "month=&#x27;october&#x27;"),
        ("journal?month=2026-10x", "month=&#x27;2026-10x&#x27;"),
        ("customers?month=9999-12", "from 2000-01 to 20"),
        ("renewals?days=45", "days=&#x27;45&#x27; is not understood; accepted: 30, 90, 365."),
        ("mrr?kind=magic", "accepted: new, expansion, contraction, churn, reactivation, currency."),
        ("customers?basis=cheap", "&#x27;cheap&#x27; is no basis of cost; accepted: contracted"),
        ("explorer?period=october", "period=&#x27;october&#x27; is not a period; accepted:"),
    ],
)
def test_a_page_says_what_it_did_not_understand_and_what_it_takes(boss, address, said):
    answer = boss.get(f"/admin/{address}")
    assert (answer.status_code, said in answer.content.decode()) == (400, True)


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"side": "merge"}, 302),
        ({"side": "customer"}, 302),
        ({"side": "customer", "key": "\0"}, 400),
        ({"side": "customer", "key": "x" * 5000}, 400),
        ({"side": "billing", "key": "\0"}, 400),
        ({"side": "merge", "key": "acme", "target": "\0"}, 400),
        ({"side": "merge", "key": "acme", "target": "nobody"}, 404),
    ],
)
def test_matching_takes_no_form_that_means_nothing(boss, form, status):
    assert boss.post("/admin/matching/match", form).status_code == status
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("page", "form", "status"),
    [
        ("alias", {}, 302),
        ("alias", {"value": "\0", "canonical": "x"}, 400),
        ("alias", {"value": "x" * 5000, "canonical": "x"}, 400),
        ("alias", {"value": "a", "canonical": "x" * 5000}, 302),
        (f"alias/{2**63}/remove", {}, 302),
        ("name", {"label": "\0"}, 400),
        ("name", {"label": "x" * 5000, "name": "\0"}, 302),
        ("name", {"label": "L", "name": "x" * 5000}, 302),
    ],
)
def test_a_tag_takes_no_form_that_means_nothing(boss, send, event, page, form, status):
    send(event(tags={"stage": "prod"}))
    assert boss.post(f"/admin/tag/stage/{page}", form).status_code == status
    assert (TagAlias.objects.count(), TagDimension.objects.count()) == (0, 0)
    assert boss.post("/admin/tag/%00/name", {"label": "L"}).status_code == 404


def test_an_unknown_profile_is_refused_and_no_file_is_kept(boss, settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path
    sent = {"file": SimpleUploadedFile("f.csv", b"a,b\n"), "profile": "nobody-knows"}
    assert boss.post("/admin/import-billing", sent).status_code == 400
    assert (list(tmp_path.iterdir()), BillingImport.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    "query",
    [
        "start=2026-11&end=2026-10", "start=2026-10&end=2026-10", "start=0001-01&end=9999-12",
        "start=2026-10&end=2026-11&by=tag.%00", "start=2026-10&end=2026-11&by=tag.a%22b",
        "start=2026-10&end=2026-11&by=nobody%00", "start=2026-10&end=2026-11&attributes=%00",
        "start=2026-10&end=2026-11&by=customer.%00", "start=2026-10&end=2026-11&tag.A=1",
    ],
)  # fmt: skip
def test_the_report_api_says_what_it_takes(client, api_key, query):
    client.raise_request_exception = False
    address = f"/api/v1/reports/margin?{query}"
    answer = client.get(address, headers={"Authorization": f"Bearer {api_key}"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert "accepted" in answer.json()["detail"]


def test_a_list_of_the_api_answers_a_nul_with_a_problem(client, api_key):
    client.raise_request_exception = False
    headers = {"Authorization": f"Bearer {api_key}"}
    for name in ("customers?name=%00", "customers/%00", "plans?code=%00", "prices?model=%00"):
        assert client.get(f"/api/v1/{name}", headers=headers).status_code in {400, 404}
