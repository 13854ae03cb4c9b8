"""Pages of the providers' own APIs as JSON files: one page, a list of pages, or a page a line."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from billing.importers.cells import CellError
from billing.importers.errors import Found
from billing.importers.opening import FileError
from billing.provider_bills import anthropic, openai
from billing.provider_bills.bill_line import BillLine

MOST_BYTES = 128 * 1024 * 1024
_WANTED = (
    "pages of OpenAI's costs or usage API, or of Anthropic's cost or usage report, were expected"
)


class Pages:
    """Reads pages over all files of an upload, so that one given twice is noticed."""

    def __init__(self) -> None:
        """Start with no page read."""
        self._seen: set[str] = set()
        self._unfinished: dict[str, bool] = {}

    def lines(self, path: Path, name: str, found: Found) -> Iterator[BillLine]:
        """Yield the lines of one file; what is wrong is noted under the page's number.

        Raises FileError where the file holds no such pages.
        """
        for number, page in enumerate(_pages(path), start=1):
            for at, bucket in enumerate(page["data"], start=1):
                where = f"{name}, page {number}, bucket {at}"
                try:
                    yield from self._bucket(bucket, page, where)
                except CellError as error:
                    found.add(number, f"{where}: {error}")

    def unfinished(self) -> list[str]:
        """Say which reports go on beyond the pages given."""
        return [
            f"the pages of {kind} given say there are more (has_more): the bill is not whole"
            for kind, more in self._unfinished.items()
            if more
        ]

    def _bucket(self, bucket: Any, page: dict[str, Any], where: str) -> Iterator[BillLine]:
        if not isinstance(bucket, dict):
            message = f"{str(bucket)[:40]!r} is not a bucket of results"
            raise CellError(message)
        for index, result in enumerate(bucket.get("results") or (), start=1):
            kind, reader = _reader(result, bucket)
            ended = not page.get("has_more")
            self._unfinished[kind] = self._unfinished.get(kind, True) and not ended
            mark = json.dumps([bucket | {"results": 0}, result], sort_keys=True, default=str)
            if mark in self._seen:
                message = f"result {index} stood in a page before: each page once"
                raise CellError(message)
            self._seen.add(mark)
            yield from reader.lines(result, reader.bucket(bucket), f"{where}, result {index}")


def _reader(result: Any, bucket: dict[str, Any]) -> tuple[str, Any]:
    """Choose by what a result is, never by the file's name."""
    told = str(result.get("object") or "") if isinstance(result, dict) else ""
    if told == openai.COST:
        return "OpenAI costs", openai
    if told.startswith(openai.USAGE):
        return f"OpenAI {told.removeprefix(openai.USAGE).removesuffix('.result')}", openai
    if isinstance(result, dict) and "starting_at" in bucket:
        if "amount" in result:
            return "Anthropic's cost report", anthropic
        if "output_tokens" in result:
            return "Anthropic's usage report", anthropic
    raise CellError(_WANTED)


def _pages(path: Path) -> list[dict[str, Any]]:
    if path.stat().st_size > MOST_BYTES:
        message = f"the file has over {MOST_BYTES:,} bytes; split it"
        raise FileError(message)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        message = "the file is no text in UTF-8"
        raise FileError(message) from None
    try:
        found = _load(text)
    except ValueError:
        try:
            found = [_load(line) for line in text.splitlines() if line.strip()]
        except ValueError as error:
            message = f"the file is not valid JSON: {error}"
            raise FileError(message) from None
    pages = found if isinstance(found, list) else [found]
    if not pages or any(not isinstance(p, dict) or not _has_data(p) for p in pages):
        raise FileError(_WANTED)
    return pages


def _has_data(page: dict[str, Any]) -> bool:
    return isinstance(page.get("data"), list)


def _load(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse)


def _refuse(name: str) -> Any:
    message = f"{name} is no number"
    raise ValueError(message)
