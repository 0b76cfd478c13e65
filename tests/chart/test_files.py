"""Reading a directory: what is read, and all that is refused without touching anything."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from chartlift.chart.files import Limits, read_tree
from chartlift.errors import ChartliftError

Chart = Callable[..., Path]


def refusal(root: Path, limits: Limits | None = None) -> ChartliftError:
    """The error of reading ``root``; the directory must be as it was."""
    before = listing(root)
    with pytest.raises(ChartliftError) as caught:
        read_tree(root, limits or Limits(), label="c")
    assert listing(root) == before
    assert caught.value.help
    assert str(root) not in str(caught.value), "a message must not hold a machine's path"
    return caught.value


def listing(root: Path) -> list[tuple[str, int, int]]:
    found = []
    for directory, _, names in os.walk(root):
        for name in names:
            status = Path(directory, name).lstat()
            found.append((name, status.st_size, status.st_mtime_ns))
    return sorted(found)


def test_bytes_order_and_modes_are_kept(chart: Chart) -> None:
    root = chart({"b.txt": b"\xff\x00\r\n", "a/z.yaml": "k: 1\n", "run.sh": "#!\n"})
    (root / "run.sh").chmod(0o755)
    tree = read_tree(root)
    assert list(tree) == ["Chart.yaml", "a/z.yaml", "b.txt", "run.sh"]
    assert tree.files["b.txt"] == b"\xff\x00\r\n"
    assert tree.executable == {"run.sh"}
    assert [file.path for file in tree.under("a/")] == ["a/z.yaml"]


def test_helmignore_drops_nothing(chart: Chart) -> None:
    assert "notes.txt" in read_tree(chart({".helmignore": "*.txt\n", "notes.txt": "x"}))


def test_version_control_is_no_part_of_a_chart(chart: Chart) -> None:
    tree = read_tree(chart({".git/config": "secret", "sub/.git": "gitdir: elsewhere", "sub/a": "1"}))
    assert list(tree) == ["Chart.yaml", "sub/a"]


def test_links_inside_are_read_and_remembered(chart: Chart) -> None:
    root = chart({"real.yaml": "k: 1\n", "dir/inner.txt": "x"})
    (root / "link.yaml").symlink_to("real.yaml")
    (root / "linked-dir").symlink_to("dir")
    tree = read_tree(root)
    assert tree.files["link.yaml"] == b"k: 1\n"
    assert tree.links == {"link.yaml": "real.yaml", "linked-dir/inner.txt": "dir/inner.txt"}


def test_a_root_that_is_a_link_is_the_users_choice(chart: Chart, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(chart())
    assert "Chart.yaml" in read_tree(tmp_path / "alias")


@pytest.mark.parametrize("target", ["/etc/passwd", "../outside.txt", "../outside-dir", "sub/../../outside.txt"])
def test_a_link_that_leaves_is_refused(chart: Chart, tmp_path: Path, target: str) -> None:
    root = chart({"sub/x": ""})
    (tmp_path / "outside.txt").write_text("secret")
    (tmp_path / "outside-dir").mkdir()
    (root / "values.yaml").symlink_to(target)
    error = refusal(root)
    assert str(error) == "c/values.yaml: symbolic link leaves the chart"


def test_a_directory_beside_with_the_same_beginning_is_outside(chart: Chart, tmp_path: Path) -> None:
    root = chart()
    (tmp_path / "top-secret").mkdir()
    (tmp_path / "top-secret" / "x").write_text("1")
    (root / "x").symlink_to("../top-secret/x")
    assert "leaves the chart" in str(refusal(root))


def test_a_link_into_version_control_is_refused(chart: Chart) -> None:
    root = chart({".git/config": "token"})
    (root / "values.yaml").symlink_to(".git/config")
    assert "version control" in str(refusal(root))


@pytest.mark.parametrize("target", [".", "..", "../sub"])
def test_links_in_circles_are_refused(chart: Chart, target: str) -> None:
    root = chart({"sub/x": ""})
    (root / "sub" / "again").symlink_to(target)
    assert "leads back" in str(refusal(root))


@pytest.mark.parametrize("target", ["self", "missing"])
def test_links_to_nothing_are_refused(chart: Chart, target: str) -> None:
    root = chart()
    (root / "self").symlink_to(target)
    error = refusal(root)
    assert error.file == "c/self" and "cannot be read" in error.message


def test_a_pipe_is_refused_and_not_waited_for(chart: Chart) -> None:
    root = chart()
    os.mkfifo(root / "values.yaml")
    assert "not a regular file" in str(refusal(root))


def test_a_socket_is_refused() -> None:
    with tempfile.TemporaryDirectory() as short, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{short}/s")
        assert "not a regular file" in str(refusal(Path(short)))


def test_a_link_to_a_device_is_refused(chart: Chart) -> None:
    root = chart()
    (root / "values.yaml").symlink_to("/dev/zero")
    assert "leaves the chart" in str(refusal(root))


def test_sizes_are_limited(chart: Chart) -> None:
    root = chart({"values.yaml": "k: 1\n" * 1000, "data.bin": b"0" * 6000})
    assert "YAML file" in str(refusal(root, Limits(yaml=4000)))
    assert "c/data.bin: file of 6000 bytes" in str(refusal(root, Limits(file=5500)))
    assert "the chart is larger than" in str(refusal(root, Limits(total=7000)))
    assert "more than 2 files" in str(refusal(root, Limits(files=2)))


def test_a_sparse_giant_is_refused_unread(chart: Chart) -> None:
    root = chart({"values.yaml": ""})
    with (root / "values.yaml").open("r+b") as stream:
        stream.truncate(21 * 1024 * 1024)
    error = refusal(root)
    assert str(error) == "c/values.yaml: YAML file of 21.0 MiB is larger than the limit of 20.0 MiB"


def test_depth_is_limited(chart: Chart) -> None:
    root = chart({"/".join("d" * 40) + "/x": ""})
    assert "nested deeper" in str(refusal(root))


@pytest.mark.parametrize("name", [b"bad\xff.yaml", b"two\nlines", b"bell\x07"])
def test_names_that_are_not_text_are_refused(chart: Chart, name: bytes) -> None:
    root = chart()
    (root / os.fsdecode(name)).touch()
    error = refusal(root)
    assert "not plain UTF-8" in error.message
    assert str(error).isprintable()


def test_unreadable_files_are_named(chart: Chart) -> None:
    if os.geteuid() != 0:
        root = chart({"values.yaml": "k: 1"})
        (root / "values.yaml").chmod(0)
        assert str(refusal(root)) == "c/values.yaml: cannot be read: permission denied"
        return
    # Root reads everything, so that the question is asked as somebody else.
    with tempfile.TemporaryDirectory() as short:
        root = Path(short)
        root.chmod(0o755)
        (root / "values.yaml").write_text("k: 1")
        (root / "values.yaml").chmod(0)
        code = (
            "import os, sys; from pathlib import Path; from chartlift.chart.files import read_tree\n"
            "os.setuid(65534)\n"
            "try: read_tree(Path(sys.argv[1]), label='c')\n"
            "except Exception as error: print(type(error).__name__, error)"
        )
        done = subprocess.run([sys.executable, "-c", code, short], capture_output=True, text=True)
        expected = "ChartliftError c/values.yaml: cannot be read: permission denied"
        assert done.stdout.strip() == expected, done.stderr


def test_a_missing_directory_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ChartliftError, match="cannot be read: no such file or directory"):
        read_tree(tmp_path / "none")


def test_reading_changes_no_mode(chart: Chart) -> None:
    root = chart({"run.sh": "x"})
    (root / "run.sh").chmod(0o500)
    read_tree(root)
    assert stat.S_IMODE((root / "run.sh").stat().st_mode) == 0o500
