"""The dictionary of contexts is of one process, and many threads use it at once."""

import pytest
from django.db import connection

from usage.ingest import intern

pytestmark = pytest.mark.django_db


def test_a_thread_that_empties_the_dictionary_disturbs_no_other(send, event, ledger):
    send(event())

    def empty_it(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if "usage_context" in sql:
            intern.forget()
        return result

    with connection.execute_wrapper(empty_it):
        answer = send([event(id="known"), event(id="new", customer="beta")])
    assert (answer.status_code, answer.json()["stored"]) == (200, 2)
    assert [row.context.customer_reference for row in ledger()].count("acme") == 2
