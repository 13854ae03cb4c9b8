"""Prove that closed months are as they were closed: files, manifests, chain, figures, reports."""

from decimal import localcontext
from pathlib import Path

from django.conf import settings

from billing.closing.frozen_file import digest, figures
from billing.closing.manifest import digest_of
from billing.journal import verify_journal
from billing.margin import margin
from billing.margin.rendering import as_text
from billing.measures import CHARGE_CLASS, COST_BASES
from billing.models import MonthClose
from tknops.calendar import Period, next_month
from tknops.money import EXACT


def verify_closed() -> tuple[int, list[str]]:
    """Return how many closes there are and, in sentences, all that is wrong with them."""
    rows = MonthClose.objects.select_related("reopening").order_by("pk")
    wrong: list[str] = []
    previous, count = "", 0
    for close in rows:
        wrong += [f"{close}: {text}" for text in _wrong(close, previous)]
        previous, count = close.sha256, count + 1
    return count, wrong


def _wrong(close: MonthClose, previous: str) -> list[str]:
    found = []
    if close.previous_sha256 != previous or close.manifest["previous_sha256"] != previous:
        found.append("the chain does not lead to the close before")
    if digest_of(close.manifest) != close.sha256:
        found.append("the manifest is not the one that was closed")
    if close.manifest["file_sha256"] != close.file_sha256:
        found.append("the manifest names another file")
    path = Path(settings.CLOSED_DIR) / close.file_name
    if not path.is_file():
        return [*found, f"the file {close.file_name} is missing"]
    if digest(path) != close.file_sha256:
        return [*found, f"the file {close.file_name} is not the one that was closed"]
    month = Period(close.month, next_month(close.month))
    if figures(path, month) != close.manifest["figures"]:
        found.append("the figures of the file are not those of the manifest")
    in_force = not hasattr(close, "reopening")
    found += verify_journal(close.manifest, month, in_force=in_force)
    if in_force:
        found += _reported(close, month)
    return found


def _reported(close: MonthClose, month: Period) -> list[str]:
    """Compare what reports say with the manifest."""
    found = []
    with localcontext(EXACT):
        for basis in COST_BASES:
            for row in margin(by=[CHARGE_CLASS], period=month, basis=basis).rows:
                frozen = close.manifest["figures"].get(row.key[0], {})
                if row.events and as_text(row.cost) != frozen.get(f"{basis}_cost"):
                    found.append(f"reports say another {basis} cost of {row.key[0]} usage")
                if row.revenue and as_text(row.revenue) != frozen.get("revenue"):
                    found.append(f"reports say another revenue ({row.key[0]})")
    return found
