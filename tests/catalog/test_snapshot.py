"""The packaged snapshot: facts read by hand off the definitions, and how it is opened."""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path
from subprocess import run

import pytest

from chartlift.catalog.records import Definition, WritablePath
from chartlift.catalog.snapshot import Catalog, load_catalog, packaged_data
from chartlift.errors import ChartliftError

REDIS_DIGEST = "sha256:5eb0ef8ed4b282f8d4725b748c24fa72ca54abcda9de58dd71ba1e8517be36d4"


def definition(catalog: Catalog, image: str, tag: str) -> Definition:
    found = catalog.image(image)
    assert found is not None, image
    made = found.definition_for(tag)
    assert made is not None, f"{image}:{tag}"
    return made


def test_all_of_the_catalog_is_there(catalog: Catalog) -> None:
    images = [catalog.image(name) for name in catalog.image_names()]
    charts = [catalog.chart(name) for name in catalog.chart_names()]
    assert catalog.revision == "30c3db971dffbab14c3e400e021e76c27ef950fe"
    assert catalog.date == "2026-08-22T23:05:09+00:00"
    assert len(images) == 554
    assert sum(len(image.definitions) for image in images if image) == 2582
    assert len(charts) == 92
    assert sum(len(chart.versions) for chart in charts if chart) == 117


def test_every_definition_says_who_runs_it_and_where(catalog: Catalog) -> None:
    for name in catalog.image_names():
        image = catalog.image(name)
        assert image is not None and image.title and image.description, name
        for one in image.definitions:
            assert one.image == name
            assert one.tags and one.platforms and one.name, one.file
            assert one.uid is not None and one.gid is not None and one.user, one.file
            assert one.variant in ("runtime", "dev"), one.file
            assert one.variant == "runtime" or one.uid == 0 or name == "sbx-templates", one.file
            assert one.version or one.tags[0].split("-")[0] in ("trixie", "bookworm", "shell"), one.file


@pytest.mark.parametrize(
    ("image", "tag", "uid", "gid", "shell"),
    [
        ("redis", "8.10.1-debian13-compat", 65532, 65532, True),
        ("redis", "8.10.1-debian13", 65532, 65532, False),
        ("postgres", "17.11-debian13", 70, 70, True),
        ("mongodb", "8.0.29", 999, 999, False),
        ("kubectl", "1.34.11-debian13", 65532, 65532, False),
        ("kubectl", "1.34.11-debian13-compat", 65532, 65532, True),
        ("nginx", "1.31.4-debian13", 65532, 65532, False),
        ("nginx", "1.31.4-debian13-compat", 65532, 65532, True),
        ("busybox", "1.37.0-debian13", 65532, 65532, True),
        ("airflow", "3.3.1-debian13", 50000, 50000, False),
        ("gitea", "1.27.2", 1000, 1000, True),
        ("brave-search-mcp", "2.1.3", 1000, 1000, False),
        ("postgres", "17.11-debian13-dev", 0, 0, True),
        # `run-as` is a number here, and an account has it.
        ("argocd", "3.4.7-debian13", 999, 999, True),
        # No shell among its packages: it comes with the image that is copied into it.
        ("elixir", "1.20.3-debian13", 65532, 65532, True),
        # ... and here as two files of such an image.
        ("cephcsi", "3.17.0-debian13", 65532, 65532, True),
    ],
)
def test_users_and_shells(catalog: Catalog, image: str, tag: str, uid: int, gid: int, shell: bool) -> None:
    one = definition(catalog, image, tag)
    assert (one.uid, one.gid, one.has_shell) == (uid, gid, shell)


def test_one_definition_in_full(catalog: Catalog) -> None:
    assert definition(catalog, "redis", "8.10.1-debian13-compat") == Definition(
        file="image/redis/debian-13/8.10-compat.yaml",
        tags=(
            "8-compat",
            "8.10-compat",
            "8.10.1-compat",
            "8-debian-compat",
            "8-debian13-compat",
            "8.10-debian-compat",
            "8.10-debian13-compat",
            "8.10.1-debian-compat",
            "8.10.1-debian13-compat",
        ),
        variant="runtime",
        distribution="debian-13",
        image="redis",
        name="Redis 8.10.x (compat)",
        flavour="compat",
        version="8.10.1",
        platforms=("linux/amd64", "linux/arm64"),
        user="nonroot",
        uid=65532,
        gid=65532,
        entrypoint=("/usr/bin/tini", "--", "/usr/local/bin/docker-entrypoint.sh"),
        cmd=("redis-server", "/etc/redis/redis.conf"),
        env={"REDIS_VERSION": "8.10.1"},
        workdir="/data",
        writable=tuple(
            WritablePath(path, 65532, 65532, "0755")
            for path in ("/data", "/run/redis", "/var/lib/redis", "/var/log/redis")
        ),
        packages=tuple("bash ca-certificates coreutils findutils grep hostname mawk openssl procps sed tini".split()),
        has_shell=True,
        released="2026-07-29",
        digest=REDIS_DIGEST,
    )


def test_paths_ports_and_dates(catalog: Catalog) -> None:
    postgres = definition(catalog, "postgres", "17")
    assert postgres.writable == (WritablePath("/var/lib/postgresql/17/data", 70, 70, "0700"),)
    assert postgres.env["PGDATA"] == "/var/lib/postgresql/17/data"
    assert (postgres.ports, postgres.end_of_life) == (("5432/tcp",), "2029-11-08")
    mongodb = definition(catalog, "mongodb", "8.0")
    assert (mongodb.entrypoint, mongodb.platforms) == (("mongod",), ("linux/amd64",))
    assert "/data/db" in [path.path for path in mongodb.writable]
    # nginx's own script gives these away; `paths:` does not name them.
    nginx = definition(catalog, "nginx", "1.31.4")
    assert "/var/cache/nginx" in [path.path for path in nginx.writable]


def test_a_chart_with_its_images_and_subcharts(catalog: Catalog) -> None:
    redis = catalog.chart("redis-chart")
    assert redis is not None and (redis.title, len(redis.versions)) == ("Redis Helm Chart", 1)
    version = redis.version("23.0.7")
    assert version is not None
    assert version.images["redis"] == f"dhi.io/redis:8.10.1-debian13-compat@{REDIS_DIGEST}"
    assert sorted(version.images) == ["bash", "kubectl", "redis", "redis-exporter"]
    assert version.upstream_repository == "https://github.com/docker-hardened-images/helm-charts"
    assert (version.upstream_tag, version.app_version) == ("redis/23.0.7", "8.10.1")
    assert (version.file, version.platforms) == ("chart/redis/helm/23.yaml", ("linux/amd64",))
    stack = catalog.chart("kube-prometheus-stack-chart")
    assert stack is not None
    assert [one.version for one in stack.versions] == ["88.5.3", "87.21.0", "82.18.0"]
    assert "prometheus-node-exporter" in [one.alias for one in stack.versions[0].dependencies]
    assert catalog.chart("tempo-chart") is not None, "its folder is called grafana-tempo"


def test_digests_are_those_that_charts_pin(catalog: Catalog) -> None:
    assert catalog.digest_for("redis", "8.10.1-debian13-compat") == REDIS_DIGEST
    assert catalog.digest_for("redis", "8.10.1-debian13") is None
    # Two charts pin different ones: the tag moved, and which is the newer is not said.
    assert catalog.digest_for("busybox", "1.37.0-debian13") is None
    assert catalog.digest_for("no-such-image", "1") is None


def test_what_is_not_there_is_not_found(catalog: Catalog) -> None:
    assert catalog.image("oracle") is None
    assert catalog.image("../index") is None
    assert catalog.chart("redis") is None
    assert catalog.chart("postgres-chart") is None
    assert not catalog.has_tag("redis", "8.10.1-debian13-fips")
    assert not catalog.has_tag("redis", "")
    assert catalog.has_tag("redis", "8")
    redis = catalog.image("redis")
    assert redis is not None and redis.definition_for("9.9.9") is None


def test_opening_reads_the_index_only(expected: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(expected, tmp_path / "snapshot"))
    (root / "images" / "cache.json").unlink()
    (root / "charts.json").unlink()
    catalog = load_catalog(root)
    assert catalog.image_names() == ("cache", "web")
    assert catalog.has_tag("web", "8-debian13")
    with pytest.raises(ChartliftError, match="cannot be read"):
        catalog.image("cache")
    with pytest.raises(ChartliftError, match="cannot be read"):
        catalog.chart("cache-chart")


def test_an_image_is_read_once(expected: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(expected, tmp_path / "snapshot"))
    catalog = load_catalog(root)
    first = catalog.image("web")
    (root / "images" / "web.json").unlink()
    assert catalog.image("web") is first


def test_opening_is_quick() -> None:
    start = time.perf_counter()
    load_catalog()
    assert time.perf_counter() - start < 0.5, "an index of 160 KB takes a few milliseconds"


def test_opening_loads_no_heavy_library() -> None:
    code = "import sys; from chartlift.catalog.snapshot import load_catalog; load_catalog(); print(*sys.modules)"
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"ruamel", "ruamel.yaml", "jsonschema", "jinja2", "deepdiff"} & set(done.stdout.split())


def test_the_snapshot_stays_light() -> None:
    assert sum(file.stat().st_size for file in packaged_data().rglob("*.json")) < 4 * 1024 * 1024


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("index.json", "{", "index.json.*cannot be read"),
        ("index.json", "[]", "index.json.*cannot be read"),
        ("index.json", '{"schema": "chartlift.catalog/v9"}', "format is 'chartlift.catalog/v9'"),
        ("index.json", "[" * 100_000, "index.json.*cannot be read"),
        ("images/web.json", '{"definitions": [{"file": "x"}], "digests": {}}', "images/web.json.*cannot be read"),
        ("images/web.json", "[]", "images/web.json.*cannot be read"),
        ("charts.json", '{"cache-chart": [{"unknown": 1}]}', "charts.json.*cannot be read"),
    ],
)
def test_a_broken_snapshot_is_one_clear_error(
    expected: Path, tmp_path: Path, file: str, text: str, message: str
) -> None:
    root = Path(shutil.copytree(expected, tmp_path / "snapshot"))
    (root / file).write_text(text)
    with pytest.raises(ChartliftError, match=message):
        catalog = load_catalog(root)
        catalog.image("web")
        catalog.chart("cache-chart")


def test_an_index_cannot_lead_out_of_the_snapshot(expected: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(expected, tmp_path / "snapshot"))
    index = json.loads((root / "index.json").read_text())
    index["images"]["../../secret"] = {"title": "x"}
    (root / "index.json").write_text(json.dumps(index))
    with pytest.raises(ChartliftError, match="no name of an image"):
        load_catalog(root)
