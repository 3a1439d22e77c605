from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import os
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from ledger.intake.readers import FORMATS, Shape, opening
from tests.intake.readers.reading import opened, problems, records, table

ROWS = "id,title\n1,café\n"


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("utf-8", b"\xef\xbb\xbf" + ROWS.encode()),
        ("UTF8", ROWS.encode()),
        ("utf-8-sig", b"\xef\xbb\xbf" + ROWS.encode()),
        ("cp1252", ROWS.encode("cp1252")),
        ("utf-16", ROWS.encode("utf-16")),
        ("utf-16-be", ("\ufeff" + ROWS).encode("utf-16-be")),
        ("gb18030", ROWS.encode("gb18030")),
    ],
)
@pytest.mark.parametrize("block", [3, 1 << 16])
def test_encodings_by_name(
    tmp_path: Path, encoding: str, content: bytes, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BLOCK", block)
    file = table(tmp_path, content, Shape("csv", encoding=encoding))
    assert file.header == ("id", "title")
    assert records(file) == [["1", "café"]]


@pytest.mark.parametrize("encoding", ["utf-9", "hex", "rot13", "a\0b", ""])
def test_an_encoding_that_there_is_not(tmp_path: Path, encoding: str) -> None:
    file = table(tmp_path, ROWS, Shape("csv", encoding=encoding))
    assert problems(file) == [("", "unknown-encoding")]


@pytest.mark.parametrize("block", [1, 3, 1 << 16])
@pytest.mark.parametrize(
    ("encoding", "content", "line", "code", "hint"),
    [
        ("utf-8", b"a\r\nb\rc\xe9\n", "3", "not-utf-8", "decodes as cp1252: if it reads well so"),
        ("utf-8", b"a\nb\x81\xe9\n", "2", "not-utf-8", "give --encoding latin-1"),
        ("utf-8", "a\nb".encode("utf-16"), "1", "not-utf-8", "give --encoding utf-16"),
        ("utf-8", "a\nb".encode("utf-32"), "1", "not-utf-8", "give --encoding utf-32"),
        ("utf-8", b"a\n\xc3", "2", "not-utf-8", "give --encoding cp1252"),
        ("utf-8", b"a\n\xed\xa0\x80", "2", "not-utf-8", "give --encoding"),
        ("cp1252", b"a\nb\n\x81", "3", "not-decoded", "give --encoding latin-1"),
        ("ascii", "a\né\n".encode(), "2", "not-decoded", "give --encoding utf-8"),
        ("utf-16", b"a\n", "1", "not-decoded", "give --encoding utf-8"),
        ("utf-7", b"a\n+2AA-\n", "2", "not-decoded", "give --encoding utf-8"),
        ("utf-16-le", b"a\0\n\0b", "2", "not-decoded", "save the file as UTF-8"),
    ],
)
def test_bytes_that_cannot_be_decoded(  # noqa: PLR0917 - a parameter a column of the list
    tmp_path: Path,
    encoding: str,
    content: bytes,
    line: str,
    code: str,
    hint: str,
    block: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "BLOCK", block)
    file = table(tmp_path, content, Shape("csv", encoding=encoding))
    assert problems(file) == [(line, code)]
    assert hint in file.problems[0].hint


def test_the_byte_is_named(tmp_path: Path) -> None:
    (found,) = table(tmp_path, b"a\n\xe9\n", "csv").problems
    assert found.message == "byte 0xe9 is not UTF-8"
    (found,) = table(tmp_path, b"a\n\xc3", "csv").problems
    assert found.message == "byte 0xc3 is not UTF-8"


@pytest.mark.parametrize("format", ["csv", "hxl", "json", "jsonl"])
def test_each_format_is_decoded_strictly(tmp_path: Path, format: str) -> None:
    content = {"csv": b"a\n\xff", "hxl": b"#a\n\xff"}.get(format, b'[{"a":\n"\xff"}]')
    assert problems(table(tmp_path, content, format)) == [("2", "not-utf-8")]
    content = content.replace(b"\xff", b"\0")
    assert problems(table(tmp_path, content, format)) == [("2", "nul")]


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_archives(tmp_path: Path, suffix: str, pack: object) -> None:
    assert callable(pack)
    packed = pack(ROWS.encode() * 2000)
    file = table(tmp_path, packed, "csv", "x.csv" + suffix)
    assert file.sha256 == hashlib.sha256(packed).hexdigest()
    assert (file.name, file.size) == ("x.csv" + suffix, 3999)
    assert records(file)[0] == ["1", "café"]
    for broken in (packed[: len(packed) // 2], packed[:-9] + b"123456789", ROWS.encode()):
        file = table(tmp_path, broken, "csv", "x.csv" + suffix)
        assert [code for _, code in problems(file)] == ["broken-archive"]


def test_a_broken_archive_of_what_cannot_be_decoded(tmp_path: Path) -> None:
    body = b"a\n\xff\n" + os.urandom(1 << 18)
    file = table(tmp_path, gzip.compress(body)[: 1 << 17], "csv", "x.gz")
    assert problems(file) == [("2", "not-utf-8")]


@pytest.mark.parametrize("format", FORMATS)
def test_no_file(tmp_path: Path, format: str) -> None:
    shape = Shape(format)  # type: ignore[arg-type]
    file = opened(tmp_path / "none.csv", shape)
    assert [str(one) for one in file.problems] == [
        f"{tmp_path}/none.csv: no-file cannot be read: no such file or directory"
    ]
    assert opened(tmp_path, shape).problems[0].message == "cannot be read: is a directory"
    file.close()


def test_a_medium_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> str:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(opening.Source, "sha256", fails)
    (found,) = table(tmp_path, ROWS, "csv").problems
    assert (found.code, found.message) == ("no-file", "cannot be read: input/output error")


def test_standard_input_is_read_as_often_as_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(ROWS.encode())))
    file = opened(Path("-"), Shape("csv"))
    assert file.name == "stdin"
    assert file.sha256 == hashlib.sha256(ROWS.encode()).hexdigest()
    assert records(file) == [["1", "café"]]


def test_problems_of_standard_input_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a\n\0")))
    assert opened(Path("-"), Shape("csv")).problems[0].where == "stdin:2"


def test_a_named_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(ROWS.encode(),))
    writer.start()
    file = opened(path, Shape("csv"))
    writer.join()
    assert records(file) == [["1", "café"]]


def test_a_programming_error_is_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ledger.intake.readers.table._of_text", lambda *_: None)
    with pytest.raises(AttributeError):
        table(tmp_path, ROWS, "csv")
