"""``--report x.patch``: what ``git apply`` makes of it is what ``--output`` writes."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from places import Ran

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"
DEPENDENCY = "dependencies:\n  - {name: redis, version: 22.0.7, repository: oci://registry-1.docker.io/bitnamicharts}"


def tree(root: Path) -> dict[str, bytes]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file() and ".git" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here: NOTHING applied")
@pytest.mark.parametrize(
    "values",
    [
        b"redis:\n  image: {tag: 8.2.1-debian-12-r0}\n",
        b"redis:\r\n  image:\r\n    tag: 8.2.1-debian-12-r0\r\n# end without a line feed",
        b'note: "a line separator \xe2\x80\xa8 in a text"\nredis:\n  image: {tag: 8.2.1-debian-12-r0}\n',
    ],
)
def test_git_takes_the_patch(values: bytes, tmp_path: Path, chartlift: Callable[..., Ran], monkeypatch: object) -> None:
    shop = tmp_path / "repo" / "shop"
    shop.mkdir(parents=True)
    (shop / "Chart.yaml").write_text(CHART + DEPENDENCY + "\n")
    (shop / "values.yaml").write_bytes(values)
    assert isinstance(monkeypatch, pytest.MonkeyPatch)
    monkeypatch.chdir(tmp_path / "repo")
    ran = chartlift("migrate", "shop", "-o", tmp_path / "out", "--no-verify", "-q", "--report", tmp_path / "a.patch")
    assert ran.code in (0, 3), ran
    before, after = (tree(tmp_path / side)["shop/values.yaml"] for side in ("repo", "out"))
    assert before != after
    subprocess.run(
        ["git", "apply", "--whitespace=nowarn", str(tmp_path / "a.patch")], check=True, cwd=tmp_path / "repo"
    )
    assert tree(tmp_path / "repo") == tree(tmp_path / "out")


def test_only_a_migration_has_a_patch(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    ran = chartlift("scan", tmp_path, "--report", tmp_path / "a.patch")
    assert ran.code == 2
    assert "no report format ends in '.patch'" in ran.err
