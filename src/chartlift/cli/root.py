"""The ``chartlift`` command: sub-commands are imported only when they are called.

``chartlift --help`` must be fast, so the one-line helps stand here and the modules, with all they
import, are loaded on use.
"""

from __future__ import annotations

import importlib

import click

from chartlift import __version__

COMMANDS = {
    "scan": "Say what is here and what it could become; write nothing.",
    "migrate": "Write charts moved onto their hardened equivalents, and a report.",
    "verify": "Render two charts with Helm and compare the results.",
    "report": "Write another format from a saved JSON result.",
    "explain": "Say what happens to a chart, a value or an image, by which rule, and why.",
    "mappings": "List, show and lint mapping files.",
    "catalog": "Look into the snapshot of the hardened catalog, or rebuild it.",
}


class LazyGroup(click.Group):
    """A group whose commands live in ``chartlift.cli.<name>`` as ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"chartlift.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing one of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="chartlift")
def cli() -> None:
    """Move Helm charts from Bitnami onto hardened equivalents, and prove what was done.

    Start with `chartlift scan PATH`: it writes nothing. Then `chartlift migrate PATH -o OUT --report
    report.md` writes the rewritten charts under OUT and a report for the reviewer.

    Exit codes: 0 done; 1 --check and something would change; 2 usage or unreadable input; 3 blocked by
    at least one error finding that was not accepted; 4 verification failed; 70 a bug in chartlift.
    """
