"""Usage still summed without a context threshold or window the price book has by now."""

import datetime as dt
from dataclasses import dataclass

import pyarrow as pa

from usage.cube import connect, cube_files
from usage.cube.bands import current_bands, outdated_skus
from usage.models import Context, Sku


@dataclass(frozen=True, slots=True)
class Pending:
    """A model whose days are to be summed again; `last` is inclusive."""

    provider: str
    model: str
    first: dt.date
    last: dt.date


def pending() -> list[Pending]:
    """List models and days whose cost does not know the price book's newest thresholds yet."""
    skus = outdated_skus(current_bands())
    files = cube_files() if skus else []
    if not files:
        return []
    names = {s.pk: (s.provider_code, s.model) for s in Sku.objects.filter(pk__in=skus)}
    found: dict[tuple[str, str], list[dt.date]] = {}
    for sku, first, last in _days(skus, files):
        found.setdefault(names[sku], []).extend((first, last))
    return [Pending(*name, min(days), max(days)) for name, days in sorted(found.items())]


def _days(skus: list[int], files: list[str]) -> list[tuple[int, dt.date, dt.date]]:
    contexts = list(Context.objects.filter(sku_id__in=skus).values_list("pk", "sku_id"))
    duck = connect()
    try:
        ids, kinds = [pk for pk, _ in contexts], [sku for _, sku in contexts]
        table = {"context_id": pa.array(ids, pa.int32()), "sku_id": pa.array(kinds, pa.int64())}
        duck.register("wanted", pa.table(table))
        rows: list[tuple[int, dt.date, dt.date]] = duck.execute(
            "SELECT w.sku_id, min(c.day), max(c.day) FROM read_parquet(?) c "
            "JOIN wanted w USING (context_id) GROUP BY 1",
            [files],
        ).fetchall()
    finally:
        duck.close()
    return rows
