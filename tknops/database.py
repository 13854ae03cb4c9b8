"""Constraints several models share."""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, RangeOperators
from django.db import migrations, models
from django.db.models import Deferrable, F, Func, Q, Value


class _DateRange(Func):
    function = "daterange"
    output_field = DateRangeField()


class _IntegerPoint(Func):
    """A range of one integer: equality for GiST without the extension btree_gist."""

    function = "int8range"
    output_field = BigIntegerRangeField()


def no_overlap(
    name: str,
    *columns: str,
    condition: Q | None = None,
    deferrable: Deferrable | None = None,
    message: str | None = None,
) -> ExclusionConstraint:
    """Forbid overlapping [valid_from, valid_to) of rows whose integer columns are equal.

    Columns go by the names of their fields (customer, not customer_id): forms check by those.
    """
    same: list[Any] = [
        (_IntegerPoint(F(column), F(column), Value("[]")), RangeOperators.OVERLAPS)
        for column in columns
    ]
    days = (_DateRange(F("valid_from"), F("valid_to")), RangeOperators.OVERLAPS)
    return ExclusionConstraint(
        name=name,
        expressions=[*same, days],
        condition=condition,
        deferrable=deferrable,
        violation_error_message=message,
    )


def ends_after_start(name: str) -> models.CheckConstraint:
    """Require valid_to to be empty (still in force) or after valid_from."""
    return models.CheckConstraint(
        condition=Q(valid_to=None) | Q(valid_from=None) | Q(valid_to__gt=F("valid_from")),
        name=name,
    )


def append_only(*tables: str) -> migrations.RunSQL:
    """Take UPDATE and DELETE on tables from the application role, where there is one."""
    each = """
        DO $$ BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'tknops_app') THEN
                {action} UPDATE, DELETE ON {tables} {preposition} tknops_app;
            END IF;
        END $$
    """
    named = ", ".join(tables)
    return migrations.RunSQL(
        each.format(action="REVOKE", tables=named, preposition="FROM"),
        each.format(action="GRANT", tables=named, preposition="TO"),
    )


def not_nan(name: str, field: str) -> models.CheckConstraint:
    """Refuse NaN, which PostgreSQL sorts above every number and lets through x >= 0."""
    return models.CheckConstraint(condition=~Q(**{field: Value("NaN")}), name=name)
