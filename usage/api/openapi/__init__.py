"""What drf-spectacular cannot read by itself: the API key, the doors of ingestion, the errors."""
