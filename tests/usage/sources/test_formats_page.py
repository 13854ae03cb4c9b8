import re
from pathlib import Path

from usage.sources import FORMATS

PAGE = Path(__file__).parents[3] / "docs" / "usage-formats.md"
ROW = re.compile(r"\| `([a-z.]+)` \| (yes|no) \| (yes|no) \| (yes|no) \|")


def test_page_says_what_the_adapters_declare():
    rows = ROW.findall(PAGE.read_text())
    assert len(rows) == 15
    for name, *said in rows:
        adapter = FORMATS[name]
        declared = (
            adapter.input_includes_cache_read,
            adapter.input_includes_cache_write,
            adapter.output_includes_reasoning,
        )
        assert [word == "yes" for word in said] == list(declared)
