"""Bad input gives one clear line, exit code 2, no output and an unchanged input."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from places import Ran

CHART = "apiVersion: v2\nname: shop\nversion: 1.0.0\n"


def snapshot(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def make_chart(root: Path, values: bytes | str = "a: 1\n", chart: str = CHART) -> Path:
    folder = root / "shop"
    folder.mkdir()
    (folder / "Chart.yaml").write_text(chart)
    data = values if isinstance(values, bytes) else values.encode()
    (folder / "values.yaml").write_bytes(data)
    return folder


def pack(path: Path, entries: dict[str, bytes], link: str | None = None) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, data in entries.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        if link is not None:
            member = tarfile.TarInfo("shop/link")
            member.type, member.linkname = tarfile.SYMTYPE, link
            archive.addfile(member)
    return path


def bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x]"]
    lines += [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}]" for i in range(1, levels)]
    return "\n".join(lines) + "\n"


BAD: dict[str, Callable[[Path], Path]] = {
    "broken-yaml": lambda root: make_chart(root, "a: [1\nb: 2\n"),
    "several-documents": lambda root: make_chart(root, "a: 1\n---\nb: 2\n"),
    "values-not-a-map": lambda root: make_chart(root, "- 1\n- 2\n"),
    "not-a-chart": lambda root: (root / "empty").mkdir() or root / "empty",  # type: ignore[func-returns-value]
    "no-such-path": lambda root: root / "nothing-here",
    "alias-bomb": lambda root: make_chart(root, bomb(100)),
    "deep-nesting": lambda root: make_chart(root, "a: " + "[" * 20_000 + "\n"),
    "fifty-megabytes": lambda root: make_chart(root, b"a: " + b"x" * (50 * 1024 * 1024)),
    "binary": lambda root: make_chart(root, bytes(range(256)) * 10),
    "chart-without-a-name": lambda root: make_chart(root, chart="apiVersion: v2\nversion: 1.0.0\n"),
    "chart-broken": lambda root: make_chart(root, chart="name: [\n"),
    "archive-parent": lambda root: pack(root / "x.tgz", {"shop/Chart.yaml": CHART.encode(), "shop/../../evil": b"x"}),
    "archive-absolute": lambda root: pack(root / "x.tgz", {"shop/Chart.yaml": CHART.encode(), "/etc/evil": b"x"}),
    "archive-symlink": lambda root: pack(root / "x.tgz", {"shop/Chart.yaml": CHART.encode()}, link="/etc/passwd"),
    "archive-not-gzip": lambda root: (root / "x.tgz").write_bytes(b"no gzip") and root / "x.tgz",  # type: ignore[return-value]
}


@pytest.mark.parametrize("case", sorted(BAD))
def test_bad_input(case: str, tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    inputs, out = tmp_path / "in", tmp_path / "out"
    inputs.mkdir()
    path = BAD[case](inputs)
    before = snapshot(inputs)
    ran = chartlift("migrate", path, "-o", out, "--no-verify")
    assert ran.code == 2, ran
    assert ran.out == ""
    lines = ran.err.strip().splitlines()
    assert lines[0].startswith("chartlift: error: ")
    assert len(lines) <= 2
    assert "Traceback" not in ran.err + ran.out
    assert not out.exists() or not any(out.iterdir())
    assert snapshot(inputs) == before


def test_a_good_chart_is_no_bad_input(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    chart = make_chart(tmp_path)
    ran = chartlift("migrate", chart, "-o", tmp_path / "out", "--no-verify", "-q")
    assert ran.code == 0, ran
    assert snapshot(tmp_path / "out" / "shop") == snapshot(chart)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write everything")
def test_unreadable_and_unwritable(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    chart = make_chart(tmp_path)
    (chart / "values.yaml").chmod(0)
    assert chartlift("migrate", chart, "-o", tmp_path / "out", "--no-verify").code == 2


def test_output_in_the_way(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    """A file where the output directory has to be: nothing is written, the file stays."""
    chart = make_chart(tmp_path)
    out = tmp_path / "out"
    out.write_text("mine")
    ran = chartlift("migrate", chart, "-o", out, "--no-verify")
    assert ran.code == 2
    assert "cannot be written" in ran.err
    assert out.read_text() == "mine"


def test_full_disk(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    """/dev/full says "no space left" to every write: the report fails with one line, the chart is untouched."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    import resource

    chart = make_chart(tmp_path, "image: docker.io/bitnami/kubectl:1.34.1-debian-12-r0\npad: |\n" + "  x\n" * 20_000)
    before = snapshot(chart)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    import signal

    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        ran = chartlift("migrate", chart, "--in-place", "--no-verify", "-q", "--strategy", "images")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, old)
    assert ran.code == 2, ran
    assert "cannot be written" in ran.err
    assert snapshot(chart) == before


def write_mapping(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "redis.yaml").write_text(text)
    return folder


MAPPING = """\
schema: chartlift.mapping/v1
id: redis
title: Redis
source: {chart: redis, vendor: bitnami, versions: ">=19 <24"}
target: {chart: redis-chart, repository: "oci://dhi.io", version: 23.0.7, surface: dhi/redis-chart/23.0.7, values: same}
"""
UMBRELLA = CHART + "dependencies: [{name: redis, version: 21.2.19, repository: https://charts.bitnami.com/bitnami}]\n"


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        ("values: [{from: a}]\n", "$.values[0]"),
        ("surprise: 1\n", "surprise"),
        ("add: [{to: a, reason: because, expr: \"''.__class__.__mro__\"}]\n", "expression"),
        ('add: [{to: a, reason: because, expr: "range(10**9) | list"}]\n', "expression"),
        ('add: [{to: a, reason: because, expr: "cycler.__init__.__globals__.os"}]\n', "expression"),
    ],
)
def test_bad_mapping(extra: str, said: str, tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    chart = make_chart(tmp_path, "redis: {architecture: standalone}\n", UMBRELLA)
    mappings = write_mapping(tmp_path / "mine", MAPPING + extra)
    ran = chartlift("migrate", chart, "-o", tmp_path / "out", "--no-verify", "-q", "--mappings", mappings)
    out = tmp_path / "out"
    assert ran.code == 2, ran
    assert said in ran.err
    assert "redis.yaml" in ran.err
    assert not out.exists()


def test_a_template_that_loops_is_stopped(tmp_path: Path, chartlift: Callable[..., Ran]) -> None:
    chart = make_chart(tmp_path, "image: docker.io/bitnami/git:2.51.0-debian-12-r0\n")
    (chart / "templates").mkdir()
    inner = "{{ range until 30000 }}" * 3 + "{{ end }}" * 3
    loop = f'{{{{- define "loop" }}}}{inner}{{{{ end }}}}'
    (chart / "templates" / "x.yaml").write_text(loop + '{{ include "loop" . }}')
    ran = chartlift("migrate", chart, "-o", tmp_path / "out", "--strategy", "images", "--timeout", "1")
    assert ran.code in (0, 3, 4)
    assert "not-run" in ran.out or "failed" in ran.out
    assert "loop" in ran.out or "longer" in ran.out
