"""A document is one complete picture or PDF and nothing besides."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pikepdf
import pytest

from server.bank_changes.documents import DocumentProblem, MediaType, inspect
from shared.limits import DOCUMENT_BYTES
from tests.bank_changes.cases import chunk, png

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(40) + b"\xff\xd9"


def pdf(pages: int = 1, **how: Any) -> bytes:
    """A whole PDF of empty pages."""
    made, content = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        made.add_blank_page()
    made.save(content, **how)
    return content.getvalue()


PDF = pdf()
OBJECTS_PACKED = pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate)
LOCKED = pdf(encryption=pikepdf.Encryption(owner="owner", user="user"))
LOCKED_BY_NOTHING = pdf(encryption=pikepdf.Encryption(owner="owner", user=""))


def encrypted_otherwise() -> list[bytes]:
    """The lock in other algorithms, other places and other spellings of its name."""
    locks = [
        pikepdf.Encryption(owner="o", user=user, R=r, aes=r >= 4, metadata=r >= 4)
        for r in (3, 4, 6)
        for user in ("", "u")
    ]  # type: ignore[arg-type]  # R is a literal
    packed = [pdf(encryption=lock, object_stream_mode=pikepdf.ObjectStreamMode.generate) for lock in locks]
    # Names may be spelled in hexadecimal; these are longer than before, so the tables of places are off as well.
    spelled = [LOCKED.replace(b"/Encrypt", name) for name in (b"/#45ncrypt", b"/E#6ecrypt", b"/Encryp#74")]
    return packed + [pdf(encryption=lock) for lock in locks] + spelled


def archive() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as zipped:
        zipped.writestr("run.exe", "x" * 500)
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (JPEG, MediaType.JPEG),
        (JPEG + b"SEFH\x00 what phones add", MediaType.JPEG),
        (png(), MediaType.PNG),
        (PDF, MediaType.PDF),
        (PDF + PDF[9:], MediaType.PDF),
        (OBJECTS_PACKED, MediaType.PDF),
        (png() + b"", MediaType.PNG),
    ],
)
def test_whole_documents_are_known_by_their_content(content: bytes, kind: MediaType) -> None:
    assert inspect(content) is kind


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", DocumentProblem.EMPTY),
        (JPEG[:-2] + bytes(DOCUMENT_BYTES), DocumentProblem.TOO_LARGE),
        (b"GIF89a", DocumentProblem.WRONG_TYPE),
        (b"MZ" + JPEG, DocumentProblem.WRONG_TYPE),
        (b"\n" + PDF, DocumentProblem.WRONG_TYPE),
        (archive(), DocumentProblem.WRONG_TYPE),
        (JPEG[:-2], DocumentProblem.DAMAGED),
        (png()[:-1], DocumentProblem.DAMAGED),
        (png()[:-12], DocumentProblem.DAMAGED),
        (png("x").replace(b"Comment\0x", b"Comment\0y"), DocumentProblem.DAMAGED),
        (PDF[:20], DocumentProblem.DAMAGED),
        (PDF.replace(b"startxref", b"starts"), DocumentProblem.DAMAGED),
        # its reader stumbles over this one in a way of its own
        (pdf(2).replace(b"/Count", b"/Coust").replace(b"\n4 0 obj\n", b"\n4 0 obj\xa2"), DocumentProblem.DAMAGED),
        (LOCKED, DocumentProblem.ENCRYPTED),
        (LOCKED_BY_NOTHING, DocumentProblem.ENCRYPTED),
        (b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\nstartxref\n9\n%%EOF\n", DocumentProblem.DAMAGED),
        (PDF + b"<html><script>alert(1)</script>", DocumentProblem.DISGUISED),
        (PDF.replace(b"1 0 obj", b"<HTML>1 0 obj", 1), DocumentProblem.DISGUISED),
        (PDF + archive(), DocumentProblem.DISGUISED),
        (PDF + b"something else", DocumentProblem.DISGUISED),
        (JPEG + archive(), DocumentProblem.DISGUISED),
        (JPEG + archive() + b"\xff\xd9", DocumentProblem.DISGUISED),
        (JPEG + PDF, DocumentProblem.DISGUISED),
        (JPEG.replace(b"JFIF", b"JFIF%PDF-1.4"), DocumentProblem.DISGUISED),
        (JPEG + b"Rar!\x1a\x07\x01\x00", DocumentProblem.DISGUISED),
        (JPEG.replace(b"JFIF", b"<?php"), DocumentProblem.DISGUISED),
        (png() + archive(), DocumentProblem.DISGUISED),
        (png() + b"x", DocumentProblem.DISGUISED),
        (png()[:-12] + chunk(b"tEXt", b"x\0<script>") + png()[-12:], DocumentProblem.DISGUISED),
        (png()[:-12] + chunk(b"zzZz", archive()) + png()[-12:], DocumentProblem.DISGUISED),
    ],
)
def test_anything_else_is_refused_with_its_reason(content: bytes, problem: DocumentProblem) -> None:
    assert inspect(content) is problem


def test_a_locked_pdf_is_refused_however_the_lock_is_written() -> None:
    assert [inspect(content) for content in encrypted_otherwise()] == [DocumentProblem.ENCRYPTED] * 15
