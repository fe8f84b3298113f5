"""What a document must be before anyone is asked to trust it: one complete JPEG, PNG or PDF and nothing besides."""

from __future__ import annotations

import io
import re
import zlib
from enum import StrEnum
from typing import Final

import pikepdf

from shared.limits import DOCUMENT_BYTES


class MediaType(StrEnum):
    """The accepted kinds, decided by content, never by a file's name."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    PDF = "application/pdf"


class DocumentProblem(StrEnum):
    """Why a document is refused."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    DAMAGED = "damaged"
    ENCRYPTED = "encrypted"
    DISGUISED = "disguised"
    TOO_MANY = "too_many"
    NAME = "name"


_MAGIC: Final = ((b"\xff\xd8\xff", MediaType.JPEG), (b"\x89PNG\r\n\x1a\n", MediaType.PNG), (b"%PDF-", MediaType.PDF))

# Other things that a program might take the same bytes for. Phones write harmless trailers after a JPEG's end, so a
# trailer alone is no reason; what could be opened as something else is.
_MARKUP = re.compile(rb"<html|<script|<!doctype|<\?php|<svg[\s>]", re.IGNORECASE)
_ARCHIVES: Final = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_ZIP_END: Final = b"PK\x05\x06"
_ZIP_END_REACH: Final = 22 + 65535  # readers look for a zip's end record this far from the end of a file
_PDF_START_REACH: Final = 1024  # readers look for a PDF's heading this far into a file
_PDF_END_REACH: Final = 1024


def inspect(content: bytes) -> MediaType | DocumentProblem:
    """The kind of a document, or why it is refused; nothing in it is run or rendered."""
    if not content:
        return DocumentProblem.EMPTY
    if len(content) > DOCUMENT_BYTES:
        return DocumentProblem.TOO_LARGE
    kind = next((kind for magic, kind in _MAGIC if content.startswith(magic)), None)
    if kind is None:
        return DocumentProblem.WRONG_TYPE
    if _is_also_something_else(content):
        return DocumentProblem.DISGUISED
    problem = {MediaType.JPEG: _jpeg_problem, MediaType.PNG: _png_problem, MediaType.PDF: _pdf_problem}[kind](content)
    return problem or kind


def _is_also_something_else(content: bytes) -> bool:
    return (
        _ZIP_END in content[-_ZIP_END_REACH:]
        or any(signature in content for signature in _ARCHIVES)
        or _MARKUP.search(content) is not None
        or b"%PDF-" in content[1:_PDF_START_REACH]
    )


def _jpeg_problem(content: bytes) -> DocumentProblem | None:
    end = content.rfind(b"\xff\xd9")
    if end < 0:
        return DocumentProblem.DAMAGED
    return DocumentProblem.DISGUISED if b"%PDF-" in content[end:] else None


def _png_problem(content: bytes) -> DocumentProblem | None:
    at = 8
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4])
        end = at + 12 + length
        chunk = content[at + 4 : end - 4]
        if end > len(content) or zlib.crc32(chunk) != int.from_bytes(content[end - 4 : end]):
            return DocumentProblem.DAMAGED
        if chunk[:4] == b"IEND":
            return None if end == len(content) else DocumentProblem.DISGUISED
        at = end
    return DocumentProblem.DAMAGED


def _pdf_problem(content: bytes) -> DocumentProblem | None:
    tail = content[-_PDF_END_REACH:]
    end = tail.rfind(b"%%EOF")
    if end < 0 or b"startxref" not in tail:
        return DocumentProblem.DAMAGED
    if tail[end + 5 :].strip(b"\r\n\t \0"):
        return DocumentProblem.DISGUISED
    return _unreadable(content)


def _unreadable(content: bytes) -> DocumentProblem | None:
    """What a reader of PDFs finds. A name can be written in many ways, so no search for "/Encrypt" would do."""
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            # An empty password opens it here, and yet hides its text from whoever looks for it.
            if pdf.is_encrypted:
                return DocumentProblem.ENCRYPTED
            return None if len(pdf.pages) else DocumentProblem.DAMAGED
    except pikepdf.PasswordError:
        return DocumentProblem.ENCRYPTED
    except pikepdf.PikepdfError:
        return DocumentProblem.DAMAGED
