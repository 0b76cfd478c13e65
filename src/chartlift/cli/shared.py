"""Options and endings that ``scan`` and ``migrate`` share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from chartlift.cli.configured import CONFIG_OPTIONS
from chartlift.errors import ChartliftError
from chartlift.plan.options import EVERY_CHART, Options
from chartlift.records import Result

F = TypeVar("F", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path)
_REGISTRY = "dhi.io"


def migration_options(command: F) -> F:
    """The options that say what a migration should aim at."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS: list[Callable[[F], F]] = [
    click.option("-f", "--values", "values", multiple=True, type=_FILE, metavar="FILE",
                 help="A values file, in Helm's order; repeat for a chain. Files named values-*.yaml beside "
                 "the chart are found by themselves."),
    click.option("--chart", "chart_name", metavar="NAME",
                 help="PATH is a bare values file for this chart, such as redis."),
    click.option("--chart-version", metavar="V", help="The version of --chart that the values are for."),
    click.option("--strategy", type=click.Choice(["auto", "chart", "images"]), default="auto", show_default=True,
                 help="chart: switch to the hardened chart; images: keep the chart, harden its images; "
                 "auto: the first of these that a mapping offers."),
    click.option("--target", "targets", multiple=True, metavar="[CHART=]VENDOR",
                 help="Take charts over to this vendor's instead of the hardened ones, such as cloudpirates or "
                 "postgresql=cloudpirates; `mappings list` shows what there is. Repeatable."),
    click.option("--registry", default=_REGISTRY, show_default=True, help="Registry of the hardened images."),
    click.option("--image-prefix", default="", metavar="PREFIX",
                 help="Goes before the image name, for mirrors: acme/dhi- gives acme/dhi-redis."),
    click.option("--chart-repository", metavar="URL", help="Where the hardened charts are, if not oci://dhi.io."),
    click.option("--flavour", metavar="NAME", help="Image flavour to prefer, such as compat."),
    click.option("--distribution", metavar="NAME", help="Of the images: debian, debian13, alpine, ..."),
    click.option("--platform", "platforms", multiple=True, metavar="OS/ARCH",
                 help="What the images have to be built for, such as linux/arm64; repeatable."),
    click.option("--pin-digests/--no-pin-digests", default=True, show_default=True,
                 help="Write the digest with the tag where the catalog states it."),
    click.option("--pull-secret", metavar="NAME", help="Secret with the registry login, named where charts take it."),
    click.option("--release", metavar="NAME", help="Release name, to recognise object names written out in values."),
    click.option("--source-prefix", "source_prefixes", multiple=True, metavar="PREFIX",
                 help="Private mirror of the source vendor, such as registry.internal/bitnami; repeatable."),
    click.option("--mappings", "mappings", multiple=True, type=_FILE, metavar="DIR",
                 help="Directory of mapping files of yours; they win over the built-in ones. Repeatable."),
    click.option("--accept", multiple=True, metavar="RULE",
                 help="Acknowledge a blocking rule by its id, after reading it. Repeatable."),
    click.option("--report", "reports", multiple=True, metavar="FILE",
                 help="Also write a report; by ending: .md .json .html .sarif .xml (JUnit) .patch .txt. Repeatable."),
    click.option("--mirror-list", metavar="FILE",
                 help="Also write what has to be in the mirror: .yaml for regsync, .sh for regctl."),
    *CONFIG_OPTIONS,
    click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors."),
]  # fmt: skip


def as_options(given: dict[str, Any]) -> Options:
    """The planning options out of what the command line gave."""
    return Options(
        strategy=given["strategy"],
        targets=_targets(given["targets"]),
        registry=given["registry"],
        image_prefix=given["image_prefix"],
        chart_repository=given["chart_repository"],
        flavour=given["flavour"],
        distribution=given["distribution"],
        platforms=given["platforms"],
        pin_digests=given["pin_digests"],
        pull_secret=given["pull_secret"],
        release=given["release"],
        bump=given.get("bump", "none"),
        accepted=frozenset(given["accept"]),
        source_prefixes=given["source_prefixes"],
    )


def _targets(asked: tuple[str, ...]) -> dict[str, str]:
    """``postgresql=cloudpirates`` is for one chart, ``cloudpirates`` for each that the vendor has."""
    pairs = [text.rpartition("=") for text in asked]
    return {chart or EVERY_CHART: vendor for chart, _, vendor in pairs}


def write_reports(result: Result, files: tuple[str, ...], diff: Sequence[str] = ()) -> None:
    """Write each report next to nothing else: whole, or not at all."""
    from chartlift.report.formats import PATCH, RENDERERS, format_of
    from chartlift.rewrite.output import replace_file

    for file in files:
        text = "".join(diff) if file.endswith(PATCH) else RENDERERS[format_of(file)](result)
        replace_file(Path(file), text.encode("utf-8"))


def write_mirror_list(result: Result, file: str | None) -> None:
    """Write the list of artefacts to mirror, where one was asked for."""
    if file is None:
        return
    from chartlift.report.mirror_list import render_mirror_list
    from chartlift.rewrite.output import replace_file

    replace_file(Path(file), render_mirror_list(result, file).encode("utf-8"))


def check_reports(files: tuple[str, ...], *, patch: bool = False) -> None:
    """Refuse an unknown ending before any work is done; ``patch``: is there a change to write as one?"""
    from chartlift.report.formats import PATCH, format_of

    for file in files:
        if not (patch and file.endswith(PATCH)):
            format_of(file)


def check_mirror_options(given: dict[str, Any]) -> None:
    """A list of what to mirror needs a mirror, named before any work is done."""
    from chartlift.report.mirror_list import check_mirror_list

    file = given["mirror_list"]
    if file is None:
        return
    check_mirror_list(file)
    if given["registry"] == _REGISTRY and not given["image_prefix"] and not given["chart_repository"]:
        raise ChartliftError(
            "a mirror list without a mirror",
            file=file,
            help="Name it: --registry registry.example.com --image-prefix hardened/ --chart-repository oci://...",
        )


def exit_code(result: Result, changed: bool, check: bool) -> int:
    """The exit code of a run that got through (design, "Command line")."""
    if any(chart.verification.status == "failed" for chart in result.charts):
        return 4
    if result.blocked:
        return 3
    return 1 if check and changed else 0


def complain(error: ChartliftError) -> None:
    """One line, and what to do about it, on standard error."""
    click.echo(f"chartlift: error: {error}", err=True)
    if error.help:
        click.echo(f"  help: {error.help}", err=True)
