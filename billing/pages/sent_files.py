"""Templates a browser downloads to be filled in."""

import csv
from collections.abc import Iterable, Mapping, Sequence

from django.http import HttpResponse


def csv_template(
    file_name: str, columns: Sequence[str], examples: Iterable[Mapping[str, str]]
) -> HttpResponse:
    """Answer with a CSV of a header and example rows; a column an example lacks is empty."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    writer = csv.DictWriter(answer, columns, restval="")
    writer.writeheader()
    writer.writerows(examples)
    return answer
