"""The chains of environments: which file lies over which, and what cannot be both."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chartlift.errors import ChartliftError
from chartlift.plan.environments import Environments, below_each, every_chain, in_order
from places import Ran

CHAINS = {"staging": ["common.yaml", "staging.yaml"], "prod": ["common.yaml", "prod.yaml", "eu.yaml"]}


def test_a_file_comes_after_what_lies_below_it() -> None:
    overlays = in_order(["eu.yaml", "other.yaml", "common.yaml"], CHAINS)
    assert overlays == ["common.yaml", "staging.yaml", "prod.yaml", "eu.yaml", "other.yaml"]
    below = below_each(overlays, CHAINS)
    assert below["eu.yaml"] == (0, 1, 3) and below["staging.yaml"] == (0, 1) and below["other.yaml"] == (0,)


def test_every_environment_is_rendered_and_what_none_names() -> None:
    assert every_chain(["common.yaml", "a.yaml"], {"e": ["common.yaml"]}) == {
        "e": ("common.yaml",),
        "a.yaml": ("a.yaml",),
    }


def test_a_file_cannot_lie_over_two_things() -> None:
    chains = {"one": ["a.yaml", "c.yaml"], "two": ["b.yaml", "c.yaml"]}
    with pytest.raises(ChartliftError) as caught:
        below_each(in_order([], chains), chains)
    assert caught.value.file == "c.yaml" and caught.value.help


def test_globs_count_from_the_root() -> None:
    globs = Environments("charts/shop/", {"prod": ["charts/*/env/base.yaml", "charts/shop/env/prod/*.yaml"]})
    files = ["env/base.yaml", "env/prod/a.yaml", "env/prod/b.yaml", "env/staging/a.yaml"]
    assert globs.chains(files) == {"prod": ["env/base.yaml", "env/prod/a.yaml", "env/prod/b.yaml"]}


def test_a_chain_is_converted_as_one(
    tmp_path: Path, chartlift: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third file only says a project; that the second took another provider decides what becomes of it."""
    chart = tmp_path / "shop"
    (chart / "env").mkdir(parents=True)
    (chart / "Chart.yaml").write_text(
        "apiVersion: v2\nname: shop\nversion: 1.0.0\ndependencies:\n  - name: external-dns\n    version: 9.0.3\n"
        "    repository: https://charts.bitnami.com/bitnami\n"
    )
    (chart / "values.yaml").write_text("external-dns:\n  provider: aws\n")
    (chart / "env" / "cloud.yaml").write_text("external-dns:\n  provider: google\n")
    (chart / "env" / "prod.yaml").write_text("external-dns:\n  google:\n    project: shop\n")
    (tmp_path / ".chartlift.yaml").write_text("values:\n  prod: [shop/env/cloud.yaml, shop/env/prod.yaml]\n")
    monkeypatch.chdir(tmp_path)
    ran = chartlift("migrate", "shop", "--in-place", "--no-verify", "-q", "--report", "r.json")
    assert ran.code in (0, 3), ran
    assert "google-project: shop" in (chart / "env" / "prod.yaml").read_text()
    assert json.loads(Path("r.json").read_text())["summary"]["values"]["unmapped"] == 0
