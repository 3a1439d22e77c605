from __future__ import annotations

import pytest

from ledger.audit import checkpoints
from ledger.audit.checkpoints import Checkpoint
from ledger.audit.texts import MalformedError
from ledger.tree import EMPTY_ROOT
from tests.audit.signing import LOG_KEY, OTHER_KEY, SECONDS, WITNESS_KEY, damaged, log, sign

ROOT = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
BEHIND_THE_SOFA = f"""example.com/behind-the-sofa
20852163
{ROOT}

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q\
1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oy\
in1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
"""The example of C2SP tlog-cosignature, whose keys are not published."""


def accepted(data: bytes) -> bool:
    """Whether both the log and the witness signed what these bytes say."""
    try:
        note = checkpoints.parse(data).note
    except MalformedError:
        return False
    return all(note.signed_by(one.verifier) is True for one in (LOG_KEY, WITNESS_KEY))


def lines(*text: str) -> bytes:
    """A signed note of some lines, whatever they say."""
    note = checkpoints.unsigned(Checkpoint("x", 0, EMPTY_ROOT)).note
    signature = note.signed(LOG_KEY, SECONDS).signatures[0]
    return ("".join(f"{line}\n" for line in text) + f"\n{signature}\n").encode()


@pytest.mark.parametrize("size", [0, 1, 2, 20])
def test_a_checkpoint_is_printed_and_read_back(size: int) -> None:
    signed = log(20).signed(size)
    assert checkpoints.parse(str(signed).encode()) == signed
    assert signed.checkpoint == log(20).checkpoint(size)
    assert signed.note.signed_by(LOG_KEY.verifier) is True


def test_an_empty_log() -> None:
    """The root of no events: SHA-256 of nothing."""
    root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    assert str(log(1).checkpoint(0)) == f"ledger.example/invented\n0\n{root}\n"


def test_the_example_of_c2sp() -> None:
    found = checkpoints.parse(BEHIND_THE_SOFA.encode())
    assert str(found) == BEHIND_THE_SOFA
    assert (found.checkpoint.origin, found.checkpoint.size) == (
        "example.com/behind-the-sofa",
        20_852_163,
    )
    assert [one.key_id.hex() for one in found.note.signatures] == ["033de0ae", "8d66cf3f"]


def test_lines_of_another_log_are_kept() -> None:
    found = checkpoints.parse(lines("other.example", "7", ROOT, "more", "and more"))
    assert found.checkpoint.extensions == ("more", "and more")
    assert str(found.checkpoint) == f"other.example\n7\n{ROOT}\nmore\nand more\n"


def test_a_log_and_a_witness_sign_the_same_text() -> None:
    signed = sign(log(9).checkpoint(9), LOG_KEY, WITNESS_KEY)
    assert accepted(str(signed).encode())
    assert signed.note.signed_by(OTHER_KEY.verifier) is None


def test_every_damaged_byte_of_a_checkpoint_is_refused() -> None:
    """Of the log's and of the witness's line too."""
    data = str(sign(log(9).checkpoint(9), LOG_KEY, WITNESS_KEY)).encode()
    assert accepted(data)
    assert [twin for twin in damaged(data, 6) if accepted(twin)] == []


@pytest.mark.parametrize("off", [-1, 1])
def test_a_size_off_by_one_is_not_signed(off: int) -> None:
    data = str(log(9).signed(9)).replace("\n9\n", f"\n{9 + off}\n").encode()
    assert checkpoints.parse(data).note.signed_by(LOG_KEY.verifier) is False


@pytest.mark.parametrize(
    ("size", "root"),
    [
        ("", ROOT),
        ("07", ROOT),
        ("+7", ROOT),
        ("-7", ROOT),
        ("7.0", ROOT),
        ("7 ", ROOT),
        ("7_0", ROOT),
        ("\u0667", ROOT),
        ("0x7", ROOT),
        ("9" * 20, ROOT),
        ("7", ""),
        ("7", ROOT[:-1]),
        ("7", f"{ROOT} "),
        ("7", ROOT.replace("2I=", "2J=")),
        ("7", ROOT[4:]),
        ("7", f"AAAA{ROOT}"),
        ("7", ROOT.replace("/", "_")),
    ],
)
def test_sizes_and_roots_are_written_in_one_way_only(size: str, root: str) -> None:
    with pytest.raises(MalformedError):
        checkpoints.parse(lines("log.example", size, root))


@pytest.mark.parametrize(
    "text",
    [
        ["log.example"],
        ["log.example", "7"],
        ["", "7", ROOT],
        ["log.example", "7", ROOT, ""],
        ["log.example", "7", ROOT, "", "more"],
    ],
)
def test_a_line_that_is_missing_or_empty(text: list[str]) -> None:
    with pytest.raises(MalformedError, match="an origin, a size and a root"):
        checkpoints.parse(lines(*text))


def test_an_unsigned_checkpoint_is_none() -> None:
    with pytest.raises(MalformedError):
        checkpoints.parse(str(checkpoints.unsigned(log(9).checkpoint(9))).encode())
