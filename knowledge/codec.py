"""A snapshot as bytes and back (MessagePack; arrays as their raw little-endian bytes)."""

from typing import Any

import msgspec
import numpy as np

from knowledge.snapshot import Snapshot


class Damaged(ValueError):
    """The bytes are not a whole snapshot of this version."""


def encode(snapshot: Snapshot) -> bytes:
    """`snapshot` as bytes."""
    return msgspec.msgpack.encode(snapshot, enc_hook=_array_to_bytes)


def decode(data: bytes) -> Snapshot:
    """The snapshot in `data`.

    Raises:
        Damaged: `data` is not what `encode` writes.

    """
    try:
        return msgspec.msgpack.decode(data, type=Snapshot, dec_hook=_bytes_to_array)
    except (msgspec.DecodeError, ValueError, TypeError) as error:
        raise Damaged(str(error)) from error


def _array_to_bytes(value: object) -> object:
    if isinstance(value, np.ndarray):
        return value.astype(value.dtype.newbyteorder("<")).tobytes()
    raise NotImplementedError(f"cannot encode {type(value)}")


def _bytes_to_array(form: Any, value: Any) -> Any:
    """`form` is `NDArray[np.int32]` or another array type; its second argument holds the item type."""
    item = form.__args__[1].__args__[0]
    return np.frombuffer(value, dtype=np.dtype(item).newbyteorder("<"))
