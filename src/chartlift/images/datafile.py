"""Read the data files that decisions about images are made from, packaged ones and a user's.

A packaged file is checked against its schema by the tests; a user's file is checked when it is read,
and an error says ``file: $.path: message`` (shared design, "Mapping files").
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartlift.errors import BrokenInvariant, ChartliftError

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_MAX_BYTES = 8 * 1024 * 1024
Data = Mapping[str, Any]


def packaged_directory() -> Path:
    """Where the packaged mapping files lie: beside the package once installed, else in the checkout."""
    package = Path(__file__).resolve().parent.parent
    for candidate in (package / "_mappings", package.parent.parent / "mappings"):
        if candidate.is_dir():
            return candidate
    raise BrokenInvariant("the mapping files are missing from this installation")


def load_layers(name: str, schema: str, extra: Sequence[Path]) -> list[Data]:
    """The packaged file, then those of the user's directories that have one, in the order given.

    Errors (``ChartliftError``): a directory that is none, a file that cannot be read or does not fit
    the schema.
    """
    layers = [read_data(packaged_directory() / name)]
    for directory in extra:
        if not directory.is_dir():
            raise ChartliftError("is not a directory", file=str(directory), help="Give --mappings a directory.")
        if (directory / name).is_file():
            layers.append(check_data(read_data(directory / name), schema, file=str(directory / name)))
    return layers


def read_data(path: Path) -> Data:
    """Read one YAML file that holds a map."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ChartliftError(f"is larger than {_MAX_BYTES} bytes", file=str(path))
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ChartliftError(f"cannot be read: {error}", file=str(path)) from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        problem = getattr(error, "problem", None) or error
        raise ChartliftError(f"is no valid YAML: {problem}", file=str(path), line=line) from error
    if not isinstance(data, dict):
        raise ChartliftError("must be a map", file=str(path), path="$")
    return data


def check_data(data: Data, schema: str, *, file: str) -> Data:
    """Hold data against ``mappings/schema/<schema>``; the error names the place that is wrong."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    rules = json.loads((packaged_directory() / "schema" / schema).read_text(encoding="utf-8"))
    worst = best_match(Draft202012Validator(rules).iter_errors(data))
    if worst is not None:
        raise ChartliftError(worst.message, file=file, path=_where(worst), help=f"See mappings/schema/{schema}.")
    return data


def _where(error: ValidationError) -> str:
    return error.json_path
