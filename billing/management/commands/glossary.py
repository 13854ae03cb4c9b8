"""Command glossary."""

from typing import Any

from django.core.management.base import BaseCommand

from billing.measures import DERIVED, DIMENSIONS, MEASURES, Measure


class Command(BaseCommand):
    """Print every dimension and measure with its formula, as Markdown (docs/glossary.md)."""

    help = __doc__ or ""

    def handle(self, **_options: Any) -> None:
        """Print it from the declarations that pages, API and exports use."""
        self.stdout.write("# Glossary\n")
        self.stdout.write(
            "Printed by `manage.py glossary`; declared once in billing/measures.py.\n"
        )
        self.stdout.write("## Dimensions\n")
        self.stdout.write(
            "What figures are grouped and filtered by, under these names in API, command"
        )
        self.stdout.write(
            "and exports. Where revenue does not know one, it stands in *(not split)*.\n"
        )
        self.stdout.write("| name | label | revenue knows it |\n| --- | --- | --- |")
        for dimension in DIMENSIONS.values():
            knows = "yes" if dimension.has_revenue else "no"
            self.stdout.write(f"| `{dimension.name}` | {dimension.label} | {knows} |")
        self.stdout.write("| `tag.<key>` | any tag | no |")
        self.stdout.write("| `customer.<attribute>` | any dated attribute of customers | yes |\n")
        self._measures("Measures", MEASURES)
        self._measures("Figures of the pages", DERIVED)

    def _measures(self, title: str, measures: tuple[Measure, ...]) -> None:
        self.stdout.write(f"## {title}\n")
        self.stdout.write("| label | unit | formula |\n| --- | --- | --- |")
        for measure in measures:
            self.stdout.write(f"| {measure.label} | {measure.unit} | {measure.formula} |")
        self.stdout.write("")
