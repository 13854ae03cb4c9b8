"""Drills of the SDK: each prints what it found. `PYTHONPATH=src python -m drills.<name>`."""
