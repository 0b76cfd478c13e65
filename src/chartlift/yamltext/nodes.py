"""A YAML document as nodes with exact offsets into the text, composed by the fast C parser.

ruamel.yaml's composer gives the marks; which form a scalar has (quoted, tagged, plain) is read off the
text at its mark, and plain scalars are resolved by us, since Python's YAML libraries follow other rules
than Helm does. Where the C parser refuses what Helm accepts (``[https://x/y]``) the pure one decides.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chartlift.errors import ChartliftError

if TYPE_CHECKING:
    from ruamel.yaml.error import YAMLError

MOST_DEPTH = 200
MOST_PURE = 500_000
"""Characters the Python parser is given: it needs about two seconds for each million."""
_PURE_DECIDES = re.compile(r"found unexpected ':'|found duplicate anchor")
_RISKY = re.compile(r"(?:[-?] +){200}|^ {2000}|(?:[\[{]\s*){200}", re.MULTILINE)
_HELP = "Mend the YAML there; a file that is itself a Go template is no values file."


def compose(text: str, *, file: str, pure: bool = False) -> list[Any]:
    """The root node of every document (None for an empty one), without a byte order mark in ``text``."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if _looks_risky(text) or _flow_depth(text) > MOST_DEPTH:
        raise too_deep(file)
    pure = pure or not fast_parser()
    try:
        return _compose_all(text, pure=pure)
    except MarkedYAMLError as error:
        # The Python parser takes minutes for megabytes, so it decides only what Helm may well read.
        said = f"{error.context} {error.problem}"
        if pure or not _PURE_DECIDES.search(said) or len(text) > MOST_PURE:
            raise _invalid(error, file) from None
    except YAMLError as error:
        raise _invalid(error, file) from None
    except RecursionError:
        raise too_deep(file) from None
    try:
        return _compose_all(text, pure=True)
    except YAMLError as error:
        raise _invalid(error, file) from None
    except RecursionError:
        raise too_deep(file) from None


def _invalid(error: YAMLError, file: str) -> ChartliftError:
    from ruamel.yaml.error import MarkedYAMLError

    if not isinstance(error, MarkedYAMLError):
        return ChartliftError(f"not valid YAML: {str(error).splitlines()[0]}", file=file, help=_HELP)
    mark = error.problem_mark or error.context_mark
    problem = str(error.problem or error.context or "cannot be read").splitlines()[0]
    line = mark.line + 1 if mark else None
    return ChartliftError(f"not valid YAML: {problem}", file=file, line=line, help=_HELP)


def _looks_risky(text: str) -> bool:
    """Look closely only where a plain search finds what deep nesting cannot do without."""
    if not any(sign in text for sign in ("- - - -", "? ? ? ?", " " * 2000)):
        return False
    return _RISKY.search(text) is not None


@lru_cache(maxsize=16)
def _compose_all(text: str, *, pure: bool) -> list[Any]:
    """Nodes are only ever read, so the stages of a run share those of one text."""
    from ruamel.yaml import YAML

    loader, parser = YAML(typ="safe", pure=pure).get_constructor_parser(text)
    composer = loader if hasattr(loader, "check_node") else loader.composer
    composer.warn_double_anchors = False  # Helm takes the last of two equal anchors
    try:
        nodes = []
        while composer.check_node():
            nodes.append(composer.get_node())
        return nodes
    finally:
        if hasattr(parser, "dispose"):
            parser.dispose()


@lru_cache(maxsize=1)
def fast_parser() -> bool:
    """Is the C parser there? Without it everything works, only slower."""
    from importlib.util import find_spec

    return find_spec("ruamel.yaml.clib") is not None or find_spec("_ruamel_yaml") is not None


def _flow_depth(text: str) -> int:
    """An upper bound of flow nesting: composing recurses, in C too, so it is checked beforehand."""
    if text.count("[") + text.count("{") <= MOST_DEPTH:
        return 0
    depth = most = 0
    for bracket in re.findall(r"[\[\]{}]", text):
        depth = depth + 1 if bracket in "[{" else max(depth - 1, 0)
        most = max(most, depth)
    return most


def too_deep(file: str) -> ChartliftError:
    """The error for nesting that no chart needs."""
    return ChartliftError(
        f"nested deeper than {MOST_DEPTH} levels", file=file, help="No chart needs that; look at what wrote it."
    )


def is_map(node: Any) -> bool:
    return type(node).__name__ == "MappingNode"


def is_list(node: Any) -> bool:
    return type(node).__name__ == "SequenceNode"


def start_of(node: Any) -> int:
    """Offset of a node's first character, its anchor and tag included."""
    mark: int = node.start_mark.index
    return mark


def end_of(node: Any) -> int:
    """Offset behind a node, as the parser sees it: a block collection ends where the next token starts."""
    mark: int = node.end_mark.index
    return mark
