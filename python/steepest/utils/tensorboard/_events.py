"""Files of events as TensorBoard reads them: records of protocol buffers.

https://www.tensorflow.org/tutorials/load_data/tfrecord describes the records, https://protobuf.dev/programming-guides/encoding the
messages, which are written field by field; the numbers of the fields are those of tensorboard/compat/proto.
"""

import os
import socket
import struct
import time

__all__ = ["Double", "EventFile", "doubles", "message"]


def _varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


class Double(float):
    """A number written in 64 bits; plain floats are written in 32."""


def doubles(values):
    """A list of numbers as the content of one field."""
    return struct.pack(f"<{len(values)}d", *values)


def message(*fields):
    """The bytes of a message: pairs of a field's number and its value, an int, float, Double, str or bytes; None leaves a field out."""
    out = bytearray()
    for number, value in fields:
        if value is None:
            continue
        if isinstance(value, Double):
            out += _varint(number << 3 | 1) + struct.pack("<d", value)
        elif isinstance(value, float):
            out += _varint(number << 3 | 5) + struct.pack("<f", value)
        elif isinstance(value, int):
            out += _varint(number << 3) + _varint(value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += _varint(number << 3 | 2) + _varint(len(data)) + data
    return bytes(out)


def _table():
    """For each byte its remainder by the polynomial of G. Castagnoli et al. (1993), bits reversed."""
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


_TABLE = _table()


def _checksum(data):
    """CRC-32C, rotated and shifted as the records have it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return (crc >> 15 | crc << 17) + 0xA282EAD8 & 0xFFFFFFFF


class EventFile:
    """A new file in a folder, to which events are appended."""

    opened = 0

    def __init__(self, folder, flush_secs=120, filename_suffix=""):
        os.makedirs(folder, exist_ok=True)
        name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.{EventFile.opened}{filename_suffix}"
        EventFile.opened += 1
        self.path, self.flush_secs, self.flushed = os.path.join(folder, name), flush_secs, time.time()
        self.file = open(self.path, "ab")  # noqa: SIM115
        self.add(message((3, "brain.Event:2")))
        self.flush()

    def add(self, content, step=None, walltime=None):
        """Appends an event: what `content`, the bytes of its other fields, says, at a step and a time."""
        now = time.time()
        event = message((1, Double(now if walltime is None else walltime)), (2, None if step is None else int(step))) + content
        length = struct.pack("<Q", len(event))
        self.file.write(length + struct.pack("<I", _checksum(length)) + event + struct.pack("<I", _checksum(event)))
        if now - self.flushed > self.flush_secs:
            self.flush()

    def flush(self):
        """Sees to it that everything is in the file."""
        self.file.flush()
        self.flushed = time.time()

    def close(self):
        """Ends the file."""
        self.file.close()
