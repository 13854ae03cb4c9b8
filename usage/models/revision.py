"""Which state the tables have that reports are made from."""

from django.contrib.postgres.functions import RandomUUID
from django.db import models


class Revision(models.Model):
    """One change of a table, written by its trigger in the changing transaction.

    Rows, not a counter: writers never wait for each other, and a rolled-back change leaves none.
    """

    id = models.UUIDField(primary_key=True, db_default=RandomUUID(), editable=False)
    table_name = models.CharField(max_length=63)
    operation = models.CharField(max_length=8)

    def __str__(self) -> str:
        return f"{self.operation} {self.table_name}"


class Derivation(models.Model):
    """What something derived was last made from: the revisions, or the bands of a SKU."""

    name = models.CharField(max_length=63, primary_key=True)
    made_from = models.TextField()

    def __str__(self) -> str:
        return self.name
