"""The way in: run the command line and turn what went wrong into an exit code.

Exit codes are those of the design: 0 done, 1 ``--check`` would change something, 2 usage or
unreadable input, 3 blocked, 4 verification failed, 70 our bug. This is the only place that
catches everything, so that a user never sees a traceback.
"""

from __future__ import annotations

import sys
import tempfile

from chartlift.errors import ChartliftError


def main() -> None:
    """Run ``chartlift`` with the arguments of the process and exit."""
    from chartlift.cli.root import cli

    try:
        sys.exit(cli(standalone_mode=False) or 0)
    except ChartliftError as error:
        _complain(str(error), error.help)
        sys.exit(2)
    except KeyboardInterrupt:
        _complain("interrupted; nothing was left half written", None)
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - the one handler of last resort
        sys.exit(_end_with(error))


def _end_with(error: Exception) -> int:
    import click

    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, click.exceptions.Abort):
        return 130
    return _report_bug(error)


def _report_bug(error: Exception) -> int:
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="chartlift-bug-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        log.write("".join(traceback.format_exception(error)))
    _complain(
        f"this is a bug in chartlift, not in your chart: {type(error).__name__}: {_first_line(error)}",
        f"please report it with {log.name} (read it first: it can hold values of the chart)",
    )
    return 70


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0][:200]


def _complain(message: str, help_line: str | None) -> None:
    print(f"chartlift: error: {message}", file=sys.stderr)  # noqa: T201
    if help_line:
        print(f"  help: {help_line}", file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
