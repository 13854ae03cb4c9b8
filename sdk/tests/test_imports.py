"""`instrument` observes packages that are imported later, and imports none itself."""

import importlib
import sys

from tknops_sdk._wrap.imports import WhenImported


def test_a_module_imported_later_is_seen_once(tmp_path, monkeypatch):
    (tmp_path / "imported_later.py").write_text("VALUE = 1")
    monkeypatch.syspath_prepend(tmp_path)
    seen = []
    waiting = WhenImported()
    waiting.add("imported_later", lambda module: seen.append(module.VALUE))
    module = importlib.import_module("imported_later")
    assert (seen, module.__spec__.name) == ([1], "imported_later")
    assert type(module.__loader__).__name__ == type(module.__spec__.loader).__name__
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    importlib.reload(module)
    assert seen == [1]
    waiting.add("imported_later", lambda module: seen.append(2))
    assert seen == [1, 2]  # imported already: at once
    waiting.forget()
    assert waiting not in sys.meta_path


def test_instrument_imports_nothing(sdk):
    before = set(sys.modules)
    sdk.instrument()
    sdk.uninstrument()
    assert set(sys.modules) - before == set()
