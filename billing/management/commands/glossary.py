"""Command glossary."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from billing.measures import DERIVED, DIMENSIONS, MEASURES, OWNERS, Measure, dimension
from billing.reports.bridge import EFFECTS


class Command(BaseCommand):
    """Print dimensions, measures and effects with formulas, as Markdown (docs/glossary.md)."""

    help = __doc__ or ""

    def handle(self, **_options: Any) -> None:
        """Print it from the declarations that pages, API and exports use."""
        self.stdout.write("\n".join(_lines()))


def _lines() -> Iterator[str]:
    yield from (
        "# Glossary",
        "",
        "Printed by `manage.py glossary` from billing/measures.py and billing/reports/bridge.py.",
        "",
    )
    yield from (
        "## Dimensions",
        "",
        "What figures are grouped and filtered by, under these names in API, commands and exports.",
        "Where revenue or shared cost does not know one, it stands in *(not split)*.",
        "",
        "| name | label | revenue knows it | shared cost knows it |",
        "| --- | --- | --- | --- |",
    )
    for one in DIMENSIONS.values():
        knows = (_yes(known) for known in (one.has_revenue, one.has_allocation))
        yield f"| `{one.name}` | {one.label} | {' | '.join(knows)} |"
    yield "| `tag.<key>` | any tag, also under the name it was given | no | no |"
    for owner, label in OWNERS.items():
        found = dimension(f"{owner}.any")
        knows = (_yes(known) for known in (found.has_revenue, found.has_allocation))
        yield f"| `{owner}.<attribute>` | {label}: any dated attribute | {' | '.join(knows)} |"
    yield from (
        "",
        "A customer group is the topmost parent on the day; a customer without one is its own.",
        "Attributes and groups are read as they were on each day (`attributes=then`) or as they",
        "are today on all days (`attributes=now`); totals are the same.",
    )
    yield from _measures("Measures", MEASURES)
    yield from _measures("Figures of the pages", DERIVED)
    yield from (
        "",
        "## Margin bridge",
        "",
        "The effects on the AI margin sum exactly to its change.",
        "",
        "| on | effect | how it is counted |",
        "| --- | --- | --- |",
    )
    for side, effects in EFFECTS.items():
        for label, how in effects.values():
            yield f"| {side} | {label} | {how} |"


def _yes(known: bool) -> str:  # noqa: FBT001 - a word of its own
    return "yes" if known else "no"


def _measures(title: str, measures: tuple[Measure, ...]) -> Iterator[str]:
    yield from ("", f"## {title}", "", "| label | unit | formula |", "| --- | --- | --- |")
    for measure in measures:
        yield f"| {measure.label} | {measure.unit} | {measure.formula} |"
