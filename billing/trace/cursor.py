"""Where a page begins, as the text an address carries."""

import base64
import binascii
import datetime as dt
from typing import Annotated, TypeAlias
from uuid import UUID

import msgspec

from usage.cube import Position

_Id: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**62)]
_Line: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**15 - 1)]


class CursorError(ValueError):
    """A text that is no cursor."""

    def __init__(self) -> None:
        super().__init__("cursor: no cursor of a page; accepted: `next_cursor` of the page before")


def encoded(position: Position) -> str:
    """Write a position as text."""
    raw = msgspec.json.encode(position)
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> Position:
    """Read a position. Raises CursorError."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        found = msgspec.json.decode(raw, type=tuple[dt.datetime, UUID, _Id, _Line])
    except (binascii.Error, UnicodeEncodeError, msgspec.DecodeError) as error:
        raise CursorError from error
    if found[0].tzinfo is None or not dt.MINYEAR < found[0].year < dt.MAXYEAR:
        raise CursorError
    return found
