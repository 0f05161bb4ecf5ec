# SPDX-License-Identifier: Apache-2.0
"""Producer: librdkafka by ctypes, for records that no polite tool would send: null and empty keys and values, binary headers.

Nothing here parses or checks what it sends."""

import ctypes
import ctypes.util

ERROR_BYTES = 512
FLUSH_MS = 30000
PRODUCER, COPY = 0, 2  # rd_kafka_type_t, RD_KAFKA_MSG_F_COPY
END, TOPIC, VALUE, KEY, MSGFLAGS, HEADER = 0, 1, 4, 5, 7, 9  # rd_kafka_vtype_t


def _library():
    library = ctypes.CDLL(ctypes.util.find_library("rdkafka") or "librdkafka.so.1")
    for name in ("rd_kafka_conf_new", "rd_kafka_new"):
        getattr(library, name).restype = ctypes.c_void_p
    library.rd_kafka_err2str.restype = ctypes.c_char_p
    return library


def _buffer(data):
    """Pointer and length; None is a null pointer, empty is not."""
    if data is None:
        return ctypes.c_void_p(None), ctypes.c_size_t(0)
    return ctypes.c_char_p(data), ctypes.c_size_t(len(data))


class Producer:
    def __init__(self, bootstrap):
        self.library = _library()
        error = ctypes.create_string_buffer(ERROR_BYTES)
        conf = ctypes.c_void_p(self.library.rd_kafka_conf_new())
        for name, value in (("bootstrap.servers", bootstrap), ("message.max.bytes", "8388608"), ("linger.ms", "0")):
            if self.library.rd_kafka_conf_set(conf, name.encode(), value.encode(), error, ERROR_BYTES) != 0:
                raise RuntimeError(error.value.decode())
        self.handle = ctypes.c_void_p(self.library.rd_kafka_new(PRODUCER, conf, error, ERROR_BYTES))
        if not self.handle:
            raise RuntimeError(error.value.decode())

    def send(self, topic, value, key=None, headers=()):
        """Waits until the record is acknowledged, so records keep their order."""
        arguments = [ctypes.c_int(TOPIC), ctypes.c_char_p(topic.encode()), ctypes.c_int(VALUE), *_buffer(value),
                     ctypes.c_int(KEY), *_buffer(key), ctypes.c_int(MSGFLAGS), ctypes.c_int(COPY)]
        for name, data in headers:
            arguments += [ctypes.c_int(HEADER), ctypes.c_char_p(name.encode()), *_buffer(data)]
        error = self.library.rd_kafka_producev(self.handle, *arguments, ctypes.c_int(END))
        if error != 0:
            raise RuntimeError(self.library.rd_kafka_err2str(error).decode())
        if self.library.rd_kafka_flush(self.handle, ctypes.c_int(FLUSH_MS)) != 0:
            raise RuntimeError("not acknowledged")

    def close(self):
        self.library.rd_kafka_destroy(self.handle)
