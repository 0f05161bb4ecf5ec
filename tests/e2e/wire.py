# SPDX-License-Identifier: Apache-2.0
"""Wire: the protobuf wire format in forty lines, so that what the service writes is read by somebody else's eyes.

A message is a dict from field number to the list of its values: int for varints and fixed widths, bytes otherwise."""

import struct


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, value):
    """One encoded field: bytes and str length-delimited, int as varint."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def _read_varint(data, at):
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return number, at


def message(data):
    fields = {}
    at = 0
    while at < len(data):
        tag, at = _read_varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _read_varint(data, at)
        elif kind == 1:
            value, at = struct.unpack_from("<Q", data, at)[0], at + 8
        elif kind == 2:
            length, at = _read_varint(data, at)
            if at + length > len(data):
                raise ValueError("a field reaches past the end")
            value, at = data[at:at + length], at + length
        elif kind == 5:
            value, at = struct.unpack_from("<I", data, at)[0], at + 4
        else:
            raise ValueError(f"wire type {kind}")
        fields.setdefault(tag >> 3, []).append(value)
    return fields


def delimited(data):
    """The records of a file of length-delimited messages."""
    at = 0
    while at < len(data):
        length, at = _read_varint(data, at)
        yield data[at:at + length]
        at += length
