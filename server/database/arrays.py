"""Arrays for PostgreSQL in its own binary form: thousands of ids are neither written as text nor read from it."""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_UUID, _UUIDS = 2950, 2951
"""Object ids of uuid and uuid[], the same in every PostgreSQL."""
_HEAD = Struct("!5i")
_EMPTY = Struct("!3i").pack(0, 0, _UUID)
_LENGTH, _NULL = b"\0\0\0\x10", b"\xff\xff\xff\xff"


class UuidArray(bytes):
    """A uuid[] as `uuid_array` makes it."""


class _UuidArrayDumper(Dumper):
    format, oid = Format.BINARY, _UUIDS

    def dump(self, obj: UuidArray) -> bytes:
        return obj


psycopg.adapters.register_dumper(UuidArray, _UuidArrayDumper)


def uuid_array(values: Sequence[UUID | None]) -> UuidArray:
    """The values in one dimension from 1: flags, type, size and first place, then each value's length and bytes."""
    if not values:
        return UuidArray(_EMPTY)
    there = [value.int.to_bytes(16) for value in values if value is not None]
    if len(there) == len(values):
        return UuidArray(_HEAD.pack(1, 0, _UUID, len(values), 1) + _LENGTH + _LENGTH.join(there))
    rows = [_NULL if value is None else _LENGTH + value.int.to_bytes(16) for value in values]
    return UuidArray(_HEAD.pack(1, 1, _UUID, len(values), 1) + b"".join(rows))
