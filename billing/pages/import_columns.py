"""Say how a billing file is written and, where no profile knows it, what its columns are."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from billing.importers import (
    CHOICES,
    PROFILES,
    FileError,
    LineError,
    Peek,
    checked,
    kept_file,
    lacking,
    peek,
    read_again,
    read_alike,
    save_mapping,
)
from billing.importers.columns import FIELDS
from billing.importers.receive import COLUMNS
from billing.importers.style import Style
from billing.models import BillingImport
from billing.pages.access import PREVIEW, page
from billing.pages.imports import staged
from billing.pages.render import respond

SAVE = "billing.add_billingmapping"
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_ENCODINGS = {
    "utf-8-sig": "UTF-8", "cp1252": "Windows-1252 (Western)", "latin-1": "ISO 8859-1",
    "utf-16": "UTF-16", "mac-roman": "Mac", "cp1250": "Windows-1250 (Central European)",
}  # fmt: skip


@page(PREVIEW)
def billing_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how the file seems to be written; read it as said when the form is sent."""
    made = get_object_or_404(BillingImport, pk=pk)
    path = kept_file(made)
    if path is None or made.applied_at or made.encoding == "JSON":
        messages.error(request, f"{made.file_name} is not kept any more; upload it again.")
        return redirect("pages:billing-import", pk)
    mapped = made.profile not in PROFILES or "map" in request.GET
    said, problem = made.reading, ""
    try:
        if request.method == "POST":
            said = _said(request, mapped=mapped)
        found = peek(path, said)
        if request.method == "POST" and not (mapped and lacking(said)):
            return _read(request, made, said, found, mapped=mapped)
    except (FileError, LineError) as error:
        messages.error(request, f"{made.file_name}: {error}.")
        return redirect("pages:billing-upload")
    except ValueError as error:
        said, problem = made.reading, str(error)
        found = peek(path, said)
    return respond(
        request,
        "billing_columns",
        title=f"How {made.file_name} is written",
        made=made,
        found=found,
        mapped=mapped,
        dialect=_dialect(found, said),
        fields=[
            (
                field,
                found.columns.get(field.name, ""),
                said.get("constants", {}).get(field.name, ""),
            )
            for field in FIELDS
        ],
        needed=[f.label for f in FIELDS if f.name in lacking(said)]
        if mapped and request.method == "POST"
        else [],
        problem=problem,
        accounting=said.get("accounting", False),
        may_save=request.user.has_perm(SAVE),
    )


def _said(request: HttpRequest, *, mapped: bool) -> dict[str, Any]:
    """Read the form. Raises ValueError."""
    form = request.POST
    said: dict[str, Any] = {name: form.get(name, "") for name in CHOICES}
    said["accounting"] = form.get("accounting")
    if mapped:
        columns = {f.name: form.get(f"column-{f.name}", "") for f in FIELDS}
        constants = {f.name: form.get(f"constant-{f.name}", "").strip() for f in FIELDS}
        said["columns"] = columns
        said["constants"] = {n: value for n, value in constants.items() if not columns[n]}
        said["last_day_counts"] = form.get("last_day_counts")
    return checked(said)


def _read(
    request: HttpRequest, made: BillingImport, said: dict[str, Any], found: Peek, *, mapped: bool
) -> HttpResponse:
    profile = made.profile
    if mapped:
        profile = COLUMNS
        name = request.POST.get("name", "").strip()
        if name and request.user.has_perm(SAVE):
            profile = save_mapping(name=name, said=said, names=found.names, user=request.user).name
            made = read_again(made=made, said=said, profile=profile)
            if alike := read_alike(mapping=profile, said=said):
                messages.info(request, f"{alike} more with the same columns read by {profile}.")
            return staged(request, made)
    return staged(request, read_again(made=made, said=said, profile=profile))


def _dialect(found: Peek, said: dict[str, Any]) -> list[tuple[str, str, str, str, Any]]:
    """List (name, label, what was found out, what was said, choices) of each part."""
    decimals, dates = Style.DECIMALS, Style.DATES
    workbook = found.encoding == "XLSX"
    parts: list[tuple[str, str, str, dict[str, str]]] = [] if workbook else [
        ("encoding", "Characters", _ENCODINGS.get(found.encoding, found.encoding), _ENCODINGS),
        ("delimiter", "Columns are separated by",
         _DELIMITERS.get(found.delimiter, found.delimiter), _DELIMITERS),
    ]  # fmt: skip
    parts += [
        ("decimal", "Figures", decimals.get(found.style.decimal, "nothing to tell by"), decimals),
        ("dates", "Dates", dates.get(found.style.dates, "nothing to tell by"), dates),
    ]
    return [
        (name, label, seen, said.get(name, ""), choices.items())
        for name, label, seen, choices in parts
    ]
