"""google.rpc.Status (googleapis google/rpc/status.proto), made at run time: two fields of it."""

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass


def _status_class() -> type:
    file = FileDescriptorProto(name="tknops/status.proto", package="google.rpc", syntax="proto3")
    message = file.message_type.add(name="Status")
    optional = FieldDescriptorProto.LABEL_OPTIONAL
    for number, (name, kind) in enumerate(
        (("code", FieldDescriptorProto.TYPE_INT32), ("message", FieldDescriptorProto.TYPE_STRING)),
        start=1,
    ):
        message.field.add(name=name, number=number, type=kind, label=optional)
    pool = DescriptorPool()
    pool.Add(file)
    found: type = GetMessageClass(pool.FindMessageTypeByName("google.rpc.Status"))
    return found


_Status = _status_class()


def status_message(code: int, message: str) -> bytes:
    """Return the encoded message."""
    encoded: bytes = _Status(code=code, message=message).SerializeToString()
    return encoded
