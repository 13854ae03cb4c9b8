"""The glossary in the docs is the one the code declares."""

import io
from pathlib import Path

from django.core.management import call_command

GLOSSARY = Path(__file__).parent.parent.parent / "docs" / "glossary.md"


def test_glossary_is_up_to_date():
    printed = io.StringIO()
    call_command("glossary", stdout=printed)
    assert GLOSSARY.read_text().strip() == printed.getvalue().strip()
