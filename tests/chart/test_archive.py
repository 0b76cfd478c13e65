"""Packed charts: hostile archives are refused with one line, honest ones come back byte for byte."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartlift.chart.archive import looks_like_chart, read_archive, write_archive
from chartlift.chart.files import FileTree, Limits, read_tree
from chartlift.errors import ChartliftError

CHART = ("top/Chart.yaml", b"apiVersion: v2\nname: top\nversion: 1.0.0\n")
Entry = tuple[str, bytes] | tarfile.TarInfo


def tar(*entries: Entry) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for entry in entries:
            if isinstance(entry, tarfile.TarInfo):
                archive.addfile(entry, io.BytesIO(b"\0" * entry.size))
                continue
            member = tarfile.TarInfo(entry[0])
            member.size = len(entry[1])
            archive.addfile(member, io.BytesIO(entry[1]))
    return packed.getvalue()


def tgz(*entries: Entry) -> bytes:
    return gzip.compress(tar(*entries), mtime=0)


def special(kind: bytes, name: str = "top/x", target: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(ChartliftError) as caught:
        read_archive(data, "a.tgz", limits or Limits())
    assert caught.value.help
    text = str(caught.value)
    assert text.startswith("a.tgz") and text.isprintable()
    return text


def test_files_are_read_below_the_root() -> None:
    tree = read_archive(tgz(CHART, ("top/templates/a.yaml", b"\xef\xbb\xbfx: 1\r\n")), "a.tgz")
    assert list(tree) == ["Chart.yaml", "templates/a.yaml"]
    assert tree.files["templates/a.yaml"] == b"\xef\xbb\xbfx: 1\r\n"
    assert tree.packed


def test_directories_and_dots_in_paths_are_fine() -> None:
    tree = read_archive(tgz(special(tarfile.DIRTYPE, "top"), CHART, ("top/./a//b", b"1")), "a.tgz")
    assert list(tree) == ["Chart.yaml", "a/b"]


def test_backslashes_of_a_windows_archive_are_separators() -> None:
    assert "templates/a" in read_archive(tgz(CHART, ("top\\templates\\a", b"1")), "a.tgz")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("top/../../etc/x", "leaves the chart"),
        ("top/a/../b", "leaves the chart"),
        ("../x", "leaves the chart"),
        ("top\\..\\..\\x", "leaves the chart"),
        ("/etc/x", "absolute"),
        ("\\\\server\\x", "absolute"),
        ("C:/x", "absolute"),
        ("c:\\x", "absolute"),
        ("top/C:/x", "absolute"),
        ("other/x", "several top-level directories: other, top"),
        ("README.md", "several top-level directories"),
        ("top", "outside the chart's directory"),
        ("top/Chart.yaml", "Chart.yaml is there twice"),
        ("top/./Chart.yaml", "Chart.yaml is there twice"),
        ("top/Chart.yaml/x", "lies below a file"),
        ("top/a\nb", "not plain UTF-8"),
        ("top/a\x1b[31m", "not plain UTF-8"),
    ],
)
def test_hostile_names(name: str, message: str) -> None:
    assert message in refusal(tgz(CHART, (name, b"x")))


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (special(tarfile.SYMTYPE, target="/etc/passwd"), "top/x is a link"),
        (special(tarfile.SYMTYPE, target="Chart.yaml"), "top/x is a link"),
        (special(tarfile.LNKTYPE, target="top/Chart.yaml"), "top/x is a link"),
        (special(tarfile.CHRTYPE), "not a regular file"),
        (special(tarfile.BLKTYPE), "not a regular file"),
        (special(tarfile.FIFOTYPE), "not a regular file"),
    ],
)
def test_entries_that_are_no_files(member: tarfile.TarInfo, message: str) -> None:
    assert message in refusal(tgz(CHART, member))


@pytest.mark.parametrize("data", [b"", b"apiVersion: v2\n", tar(CHART), b"PK\x03\x04rest"])
def test_not_gzip(data: bytes) -> None:
    assert refusal(data) == "a.tgz: not a gzip archive"


def test_gzip_of_something_else() -> None:
    assert "truncated or not a tar file" in refusal(gzip.compress(b"values: 1\n" * 100))


def test_an_empty_archive_is_no_chart() -> None:
    assert "no Chart.yaml" in refusal(tgz())
    assert "no Chart.yaml" in refusal(tgz(("top/values.yaml", b"")))
    assert "no Chart.yaml" in refusal(tgz(("./top/Chart.yaml", CHART[1])))


@pytest.mark.parametrize("keep", [1, 5, 12, 30, 80, -9, -4, -1])
def test_truncated_gzip(keep: int) -> None:
    noise = ("top/noise", os.urandom(3000))
    text = refusal(tgz(CHART, noise)[:keep])
    assert "truncated" in text or "not a gzip" in text


@pytest.mark.parametrize("keep", [600, 1100, 2000, 3300])
def test_truncated_tar_in_whole_gzip(keep: int) -> None:
    assert "truncated" in refusal(gzip.compress(tar(CHART, ("top/noise", b"1" * 3000))[:keep]))


def test_a_damaged_header_in_the_middle_is_not_the_end() -> None:
    raw = bytearray(tar(CHART, ("top/b", b"x"), ("top/c", b"y")))
    raw[1024 + 148] ^= 0x01
    assert "damaged" in refusal(gzip.compress(bytes(raw)))


def test_damaged_gzip() -> None:
    data = bytearray(tgz(CHART, ("top/noise", os.urandom(3000))))
    data[-6] ^= 0xFF
    assert "damaged" in refusal(bytes(data))
    assert "damaged" in refusal(tgz(CHART) + b"trailing")


def test_bombs_by_ratio_and_by_total() -> None:
    bomb = tgz(CHART, ("top/zeros", b"\0" * (24 * 1024 * 1024)))
    assert "decompression bomb" in refusal(bomb)
    assert "decompression bomb" in refusal(bomb, Limits(total=1024 * 1024))


def test_a_bomb_of_many_members_is_one_too() -> None:
    assert "decompression bomb" in refusal(gzip.compress(b"\0" * 4_000_000) * 3)


def test_limits_on_files() -> None:
    many = tgz(CHART, *((f"top/{n}", b"x") for n in range(30)))
    assert "more than" in refusal(many, Limits(files=10))
    assert "YAML file" in refusal(tgz(CHART, ("top/values.yaml", b"k: 1\n" * 100)), Limits(yaml=200))


def test_a_sparse_entry_and_a_negative_size() -> None:
    sparse = special(tarfile.GNUTYPE_SPARSE)
    assert "damaged" in refusal(tgz(CHART, sparse)) or "not a regular file" in refusal(tgz(CHART, sparse))
    raw = bytearray(tar(CHART, ("top/b", b"x" * 600)))
    header = raw[1024:1536]
    header[124:136] = b"\xff" * 8 + (-2048).to_bytes(4, "big", signed=True)
    header[148:156] = b"%06o\0 " % (sum(header[:148]) + sum(b" " * 8) + sum(header[156:]))
    raw[1024:1536] = header
    assert "damaged" in refusal(gzip.compress(bytes(raw)))


def test_an_unreadable_path(tmp_path: Path) -> None:
    with pytest.raises(ChartliftError, match="cannot be read"):
        read_archive(tmp_path / "none.tgz", "none.tgz")
    assert not looks_like_chart(tmp_path / "none.tgz")


def test_written_archives_are_the_same_every_time_and_read_back(chart: Callable[..., Path]) -> None:
    root = chart({"run.sh": "#!/bin/sh\n", "templates/a.yaml": "x\r\n"})
    (root / "run.sh").chmod(0o755)
    tree = read_tree(root)
    data = write_archive(tree, "top")
    back = read_archive(data, "top.tgz")
    assert data == write_archive(back, "top")
    assert (dict(back.files), back.executable) == (dict(tree.files), tree.executable)
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        members = archive.getmembers()
    assert members[0].name == "top/Chart.yaml"
    assert {(m.mtime, m.uid, m.gid, m.uname, m.gname) for m in members} == {(0, 0, 0, "", "")}
    assert data[4:8] == b"\0\0\0\0"


def test_what_looks_like_a_chart(tmp_path: Path) -> None:
    for name, data in {
        "chart": tgz(CHART),
        "other": tgz(("x/y", b"")),
        "text": b"no",
        "deep": tgz(("a/b/Chart.yaml", b"")),
    }.items():
        (tmp_path / name).write_bytes(data)
    assert [looks_like_chart(tmp_path / name) for name in ("chart", "other", "text", "deep")] == [
        True,
        False,
        False,
        False,
    ]


NAMES = st.text(alphabet="ab.-é", min_size=1, max_size=120).filter(lambda name: name not in {".", ".."})


@given(files=st.dictionaries(NAMES, st.binary(max_size=2000), max_size=5))
@settings(deadline=None, max_examples=40)
def test_any_tree_survives_packing(files: dict[str, bytes]) -> None:
    tree = FileTree("t", {"Chart.yaml": b"", **files})
    back = read_archive(write_archive(tree, "top"), "t.tgz")
    assert dict(back.files) == dict(tree.files)


@given(at=st.integers(0, 400), byte=st.integers(0, 255))
@settings(deadline=None, max_examples=150)
def test_a_changed_byte_is_read_or_refused_but_never_crashes(at: int, byte: int) -> None:
    raw = bytearray(tar(CHART, ("top/b", b"x" * 600)))
    raw[at] = byte
    try:
        read_archive(gzip.compress(bytes(raw)), "a.tgz")
    except ChartliftError as error:
        assert error.help
