"""The options of `scan` and `migrate` that a repository sets once, in `.chartlift.yaml`.

They become the command line's defaults (click's ``default_map``), so whatever is typed wins.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chartlift.config import NO_CONFIG, Config, find_config, read_config

if TYPE_CHECKING:
    from chartlift.settings import Settings


OWN_FILES = "**/.chartlift*"
"""The files of a repository that are for this tool: what they name is no reference."""


def read_defaults(context: click.Context, parameter: click.Parameter, file: Path | None) -> Config:
    """The callback of ``--config``: eager, so that the other options find their defaults."""
    if context.resilient_parsing:
        return NO_CONFIG
    ignored = context.params.get("no_config", False)
    if ignored and file is not None:
        raise click.UsageError("--config and --no-config exclude each other.")
    config = NO_CONFIG if ignored else read_config(file) if file is not None else find_config()
    context.default_map = {**(context.default_map or {}), **config.options}
    return config


def forbid_both(context: click.Context, parameter: click.Parameter, ignored: bool) -> bool:
    """The callback of ``--no-config``, where ``--config`` came first."""
    config = context.params.get("config")
    if ignored and config is not None:
        raise click.UsageError("--config and --no-config exclude each other.")
    return ignored


def config_of(given: dict[str, Any]) -> Config:
    """The configuration as it holds today; one warning for each acceptance that has expired.

    The clock is only looked at where something can expire and ``--today`` does not say.
    """
    config: Config = given["config"]
    if not config.expires:
        return config
    asked: datetime | None = given["today"]
    now, expired = config.on(asked.date() if asked is not None else date.today())
    for one in expired:
        click.echo(f"chartlift: warning: {one.file}:{one.line}: accepting {one.rule} ended on {one.expires}", err=True)
    return now


def configured(given: dict[str, Any], settings: Settings) -> Settings:
    """The settings of a run with what the configuration adds to its options."""
    config = config_of(given)
    return replace(settings, config=config, exclude=(*config.exclude, OWN_FILES))


CONFIG_OPTIONS = [
    click.option("--config", type=click.Path(path_type=Path), metavar="FILE", is_eager=True, callback=read_defaults,
                 help="Defaults for these options, accepted rules and excluded paths; .chartlift.yaml of the working "
                 "directory if there is one."),
    click.option("--no-config", is_flag=True, is_eager=True, callback=forbid_both,
                 help="Do not read .chartlift.yaml."),
    click.option("--today", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
                 help="The day that acceptances with an expiry are judged on, instead of the clock's."),
]  # fmt: skip
