"""OpenTelemetry's traces over HTTP: protobuf or JSON → events of the inference spans."""

from usage.wires.otlp.decode import decode_json, decode_protobuf

__all__ = ["decode_json", "decode_protobuf"]
