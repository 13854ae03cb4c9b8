"""Billing files as bytes, through the importers."""

import pytest

from billing.importers import import_file, receive, stage


@pytest.fixture
def import_bytes(db, tmp_path):
    """Import the content of a file whole."""

    def do(content, profile="generic", file_name="f.csv"):
        path = tmp_path / "file"
        path.write_bytes(content)
        return import_file(path=path, file_name=file_name, profile=profile)

    return do


@pytest.fixture
def stage_bytes(db, tmp_path):
    """Stage the content of a file."""

    def do(content, profile="generic", file_name="f.csv"):
        path = tmp_path / "file"
        path.write_bytes(content)
        return stage(made=receive(path=path, file_name=file_name, profile=profile), path=path)

    return do
