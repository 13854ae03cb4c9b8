"""Errors no view foresees: a problem in JSON under the API, Django's page elsewhere."""

import logging

import pytest
from django.db import connection

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"


@pytest.fixture
def read(client, api_key):
    client.raise_request_exception = False
    return lambda path: client.get(path, headers={"Authorization": f"Bearer {api_key}"})


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/plans/0.5", "/v1/nothing"])
def test_unknown_address_of_the_api_is_a_problem(read, path):
    answer = read(path)
    assert (answer.status_code, answer["Content-Type"]) == (404, PROBLEM)
    assert answer.json()["code"] == "not_found"


def test_unknown_address_elsewhere_is_a_page(read):
    answer = read("/nothing")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_failure_of_a_view_is_a_problem(read):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE usage_feature RENAME TO gone")
    answer = read("/api/v1/features")
    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
    assert answer.json()["code"] == "internal"
    assert b"usage_feature" not in answer.content


def test_database_too_slow_is_to_be_tried_again(read):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE usage_feature RENAME TO slow")
        cursor.execute("CREATE VIEW usage_feature AS SELECT slow.* FROM pg_sleep(5), slow")
        cursor.execute("SET LOCAL statement_timeout = 200")
    answer = read("/api/v1/features")
    assert (answer.status_code, answer["Content-Type"]) == (503, PROBLEM)
    assert (answer.json()["code"], answer["Retry-After"]) == ("unavailable", "5")


def test_errors_are_written_where_the_supervisor_keeps_a_log():
    assert any(type(one) is logging.StreamHandler for one in logging.getLogger().handlers)
    assert logging.getLogger("django.request").getEffectiveLevel() == logging.ERROR
