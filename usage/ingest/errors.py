"""The closed list of codes, and what a refused body or event carries."""

CODES = {
    # whole bodies
    "empty_body": "The body is empty.",
    "malformed_json": "The body is not JSON.",
    "encoding": "The body is not UTF-8.",
    "too_deep": "The JSON is nested too deeply.",
    "events_missing": 'Send an event, an array of events or {"events": [...]}.',
    "too_many_events": "At most 5,000 events per request.",
    "malformed_protobuf": "The body is not an OTLP request in protobuf.",
    "content_type": "The content type is not one of those accepted.",
    "content_encoding": "Content-Encoding is gzip, zstd or none.",
    "incomplete": "The body ended early.",
    "bad_gzip": "The body is not valid gzip.",
    "bad_zstd": "The body is not valid zstd.",
    "too_large": "The body is larger than accepted once decoded.",
    # single events
    "not_an_object": "An event is a JSON object.",
    "missing_field": "A required field is missing.",
    "wrong_type": "A field has another type than accepted.",
    "too_long": "A text is longer than accepted.",
    "control_character": "Texts may not contain NUL.",
    "invalid_text": "A text is not valid Unicode.",
    "id_missing": "`id` must be a text that is not blank.",
    "id_too_long": "`id` has at most 200 bytes.",
    "id_whitespace": "`id` may not begin or end with white space.",
    "timestamp_missing": "`time` is required.",
    "timestamp_format": "`time` is RFC 3339, such as 2026-10-05T14:03:21.123456Z.",
    "timestamp_no_offset": "`time` needs an offset, such as Z or +02:00.",
    "timestamp_in_future": "`time` is more than 10 minutes ahead of the server.",
    "timestamp_too_old": "`time` is older than what is kept.",
    "model_missing": "`model` must not be empty.",
    "provider_missing": "`provider` must not be empty.",
    "no_usage": "No quantity is given; only an event that failed may have none.",
    "negative_tokens": "A quantity is below 0.",
    "not_integer": "A token count is a JSON integer.",
    "out_of_range": "A quantity is above 10^12.",
    "unknown_quantity": "`usage` has a field that is no token class.",
    "unknown_usage_format": "`usage_format` is not one of those accepted.",
    "too_many_parts": "At most 100 priced parts in one `usage`.",
    "unknown_unit": "`unit` is not one of those accepted.",
    "not_decimal": 'The cost\'s amount is a plain decimal such as "0.0123".',
    "too_many_decimals": "The cost's amount has more than 18 decimals.",
    "unknown_currency": "The cost's currency is not an ISO 4217 code in use.",
    "tag_limit": "At most 32 tags, keys of 64 and values of 256 bytes.",
    "tag_key": "Tag keys consist of a-z, 0-9, _ . and -.",
    "tag_value": "A tag's value is a text.",
    "span_id": "A span has a trace id of 16 bytes and a span id of 8, in JSON as hex, not 0.",
    "duplicate_lines": "Give either `lines` or provider, model and usage.",
}


class BodyError(Exception):
    """The whole request cannot be taken; nothing of it was stored."""

    def __init__(self, code: str, *, status: int = 400, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.status, self.detail = code, status, detail or CODES[code]


class EventError(Exception):
    """One event cannot be taken; `pointer` is relative to the event."""

    def __init__(self, code: str, pointer: str = "", detail: str = "") -> None:
        super().__init__(code)
        self.code, self.pointer, self.detail = code, pointer, (detail or CODES[code])[:500]
