"""A document is one complete picture or PDF and nothing besides."""

from __future__ import annotations

import io
import zipfile

import pytest

from server.bank_changes.documents import MAX_BYTES, DocumentProblem, MediaType, inspect
from tests.bank_changes.cases import chunk, png

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(40) + b"\xff\xd9"
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
LOCKED = PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 5 0 R")


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
        (png() + b"", MediaType.PNG),
    ],
)
def test_whole_documents_are_known_by_their_content(content: bytes, kind: MediaType) -> None:
    assert inspect(content) is kind


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", DocumentProblem.EMPTY),
        (JPEG[:-2] + bytes(MAX_BYTES), DocumentProblem.TOO_LARGE),
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
        (LOCKED, DocumentProblem.ENCRYPTED),
        (PDF + b"<html><script>alert(1)</script>", DocumentProblem.DISGUISED),
        (PDF.replace(b"1 0 obj", b"<HTML>1 0 obj"), DocumentProblem.DISGUISED),
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
