"""Put rows back as they were before a change; the log gets an entry of that too."""

from typing import Any

from django.db import IntegrityError, connection, transaction

from billing.undo.log import Change, Item


class CannotUndoError(ValueError):
    """A change that cannot be taken back any more; says why."""


@transaction.atomic
def take_back(change: Change) -> None:
    """Restore every row of a change, the last changed first; all or none.

    Raises CannotUndoError where a row was changed again since, or what it needs is gone.
    """
    own = {(item.kind, item.entry.pgh_id) for item in change.items}
    for item in change.items:
        _check(item, own)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Two rows may share an edge that moves: judged when all are back.
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for item in change.items:
                _restore(item)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        message = "what is there now excludes it: other rows cover its days, or its owner is gone"
        raise CannotUndoError(message) from error


def _check(item: Item, own: set[tuple[str, int]]) -> None:
    log: Any = type(item.entry)
    since = log.objects.filter(pgh_obj_id=item.entry.pgh_obj_id, pgh_id__gt=item.entry.pgh_id)
    if any((item.kind, number) not in own for number in since.values_list("pgh_id", flat=True)):
        message = f"changed again since, take that back first: {item.said}"
        raise CannotUndoError(message)
    if item.entry.pgh_label == "update" and item.before is None:
        message = f"the log does not have what it was before: {item.said}"
        raise CannotUndoError(message)


def _restore(item: Item) -> None:
    model: Any = item.model
    manager = model.objects
    number = item.entry.pgh_obj_id
    if item.before is None:
        manager.filter(pk=number).delete()
        return
    columns = [
        field.attname
        for field in item.model._meta.concrete_fields
        if not field.generated and not field.primary_key
    ]
    values = {name: getattr(item.before, name) for name in columns}
    if item.entry.pgh_label == "delete":
        manager.bulk_create([model(pk=number, **values)])
    else:
        manager.filter(pk=number).update(**values)
