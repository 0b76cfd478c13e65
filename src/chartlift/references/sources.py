"""Text files of a repository as references are read from them: documents, and templates put aside.

Helmfiles, ApplicationSets and the like are often YAML around Go templates. Each template expression is put
aside for a word that YAML takes as a plain scalar, or for a comment where it stands on lines of its own, and
put back after an edit. An edit that would lose or double one is refused.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from chartlift.errors import ChartliftError, EditRefused
from chartlift.records import Yaml, YamlPath
from chartlift.yamltext.document import Document

_MARKER = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_TEMPLATE = r"\{\{.*?\}\}"
_ALONE = r"^(?P<indent>[ \t]*)(?P<alone>(?:\{\{(?:(?!\}\}).)*\}\}[ \t]*)+)(?=\r?$)"
_EITHER = re.compile(rf"{_ALONE}|{_TEMPLATE}", re.MULTILINE | re.DOTALL)
_WORDS = re.compile(r"#xTPA(\d+)x|xTPL(\d+)x")
_MOST_TEMPLATES = 5000
TEMPLATE_WORD = "xTPL"
"""How every word begins that stands for a template."""
TERRAFORM = r"(?<!\$)\$\{[^}]*\}|(?<!%)%\{[^}]*\}"
"""What Terraform puts in before anything else reads the text."""


@dataclass(frozen=True)
class Source:
    """One file. ``text`` is what is edited: the file's own, or with templates put aside (``marks``)."""

    path: str
    """Relative to the root, posix."""
    text: str = field(repr=False)
    marks: tuple[str, ...] = field(default=(), repr=False)
    """The templates that were put aside, in order."""
    terraform: bool = False
    """Are the templates Terraform's, not Go's?"""

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The documents of the file; a file that is no YAML has none."""
        try:
            return tuple(_parts(self))
        except ChartliftError:
            return ()

    @property
    def is_template(self) -> bool:
        """Is the file a Go template as a whole?"""
        return bool(self.marks) or self.terraform or self.path.endswith(".gotmpl")

    def line(self, offset: int) -> int:
        return self.text.count("\n", 0, offset) + 1

    def restore(self, text: str) -> str:
        """Put the templates back; braces that were added are written so that they come out as braces.

        Errors (``EditRefused``): an edit lost or doubled a template.
        """
        found = [int(alone or inline) for alone, inline in _WORDS.findall(text)]
        if not self.is_template:
            return text
        text = self._escaped(text)
        if sorted(found) != list(range(len(self.marks))):
            raise EditRefused(
                "a template expression would be lost or doubled",
                file=self.path,
                help="Write the values without the template, or convert this file by hand.",
            )
        return self.plain(text)

    def _escaped(self, text: str) -> str:
        """What looks like a template now was added: it is written so that it comes out as it is."""
        if self.terraform:
            return re.sub(r"(?<!\$)\$\{", "$${", text)
        return text.replace("{{", "{{ `{{` }}")

    def written(self, value: Yaml, *, new: bool = False) -> Yaml:
        """Data with its templates as the file has them; ``new``: as it is before it is written."""
        if isinstance(value, dict):
            return {self.plain(key): self.written(item, new=new) for key, item in value.items()}
        if isinstance(value, list):
            return [self.written(item, new=new) for item in value]
        if not isinstance(value, str):
            return value
        return self.plain(self._escaped(value) if new and self.is_template else value)

    def plain(self, text: str) -> str:
        """A piece of the text with its templates as they were written."""
        return _WORDS.sub(lambda match: self.marks[int(match[1] or match[2])], text) if self.marks else text


@dataclass(frozen=True, slots=True)
class Part:
    """One YAML document of a file: ``source.text[start:end]``."""

    source: Source
    index: int
    start: int
    end: int
    document: Document

    @property
    def data(self) -> Mapping[str, Yaml]:
        data = self.document.data
        return data if isinstance(data, dict) else {}

    @property
    def kind(self) -> str:
        return text_of(self.data.get("kind"))

    @property
    def group(self) -> str:
        """The API group: ``argoproj.io`` of ``argoproj.io/v1alpha1``."""
        return text_of(self.data.get("apiVersion")).rpartition("/")[0]

    def name(self) -> str:
        return text_of(at(self.data, "metadata", "name"))

    def line(self, path: YamlPath = ()) -> int:
        """The 1-based line in the file of a key, or of what lies around it."""
        offset = self.source.line(self.start) - 1
        while path:
            found = self.document.line_of(path)
            if found is not None:
                return offset + found
            path = path[:-1]
        first = re.search(r"^(?!---|[ \t]*(?:#|\r?$))", self.document.text, re.MULTILINE)
        return offset + (self.document.text.count("\n", 0, first.start()) if first else 0) + 1


def read_source(path: str, text: str) -> Source:
    """The file as it is; YAML that cannot be read as it stands with its templates put aside."""
    plain = Source(path, text)
    if not path.endswith((".yaml", ".yml", ".gotmpl", "Kustomization")):
        return plain  # a script or Terraform: its own module reads it as it stands, and by its offsets
    if "{{" not in text or (not path.endswith(".gotmpl") and _is_yaml(plain)):
        return plain
    return put_aside(path, text)


def put_aside(path: str, text: str, pattern: re.Pattern[str] = _EITHER) -> Source:
    """Swap each template for a word; the number of lines stays."""
    marks: list[str] = []
    if _WORDS.search(text):
        return Source(path, text)

    def word(piece: str, form: str) -> str:
        marks.append(piece)
        return form.format(len(marks) - 1)

    def swap(match: re.Match[str]) -> str:
        alone = match.groupdict().get("alone")
        if alone is None:
            return word(match[0], "xTPL{}x")
        # Each line is a comment of its own, so that lines stay where they are.
        return match["indent"] + "\n".join(word(line, "#xTPA{}x") for line in alone.split("\n"))

    masked = pattern.sub(swap, text)
    return Source(path, masked, tuple(marks)) if len(marks) <= _MOST_TEMPLATES else Source(path, text)


def put_terraform_aside(path: str, text: str) -> Source:
    """The text of a heredoc, with what Terraform puts in swapped for words."""
    return replace(put_aside(path, text, re.compile(TERRAFORM)), terraform=True)


def _is_yaml(source: Source) -> bool:
    return bool(source.parts)


def _parts(source: Source) -> Iterator[Part]:
    starts = [match.start() for match in _MARKER.finditer(source.text)]
    bounds = [0, *(start for start in starts if start), len(source.text)]
    for index, (start, end) in enumerate(itertools.pairwise(bounds)):
        document = Document.parse(source.text[start:end], file=source.path)
        # Of two equal keys Helm takes the last, others refuse the file: nobody can say which to edit.
        if document.count < 2 and document.repeated() is None:
            yield Part(source, index, start, end, document)


_EXPRESSION = re.compile(rf"{_WORDS.pattern}|{TERRAFORM}")


def has_template(value: Yaml, *, terraform: bool = False) -> bool:
    """Does a template, or a word that stands for one, occur anywhere in the value or its keys?"""
    pattern = _EXPRESSION if terraform else _WORDS
    if isinstance(value, dict):
        return any(pattern.search(key) or has_template(item, terraform=terraform) for key, item in value.items())
    if isinstance(value, list):
        return any(has_template(item, terraform=terraform) for item in value)
    return isinstance(value, str) and pattern.search(value) is not None


def at(data: Yaml | Mapping[str, Yaml], *path: str | int) -> Yaml:
    """What lies at a path; None where there is nothing."""
    found: Yaml = data  # type: ignore[assignment]  # a mapping is read like a dict
    for step in path:
        if isinstance(found, dict) and isinstance(step, str):
            found = found.get(step)
        elif isinstance(found, list) and isinstance(step, int) and step < len(found):
            found = found[step]
        else:
            return None
    return found


def text_of(value: Yaml) -> str:
    """A scalar as text; empty for anything else."""
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return ""
    return str(value)


def maps_of(value: Yaml) -> list[dict[str, Yaml]]:
    """The maps of a list; other items as empty ones, so that indices stay true."""
    items = value if isinstance(value, list) else []
    return [item if isinstance(item, dict) else {} for item in items]


def word_of(value: Yaml) -> str:
    """A scalar as ``--set`` writes it."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else text_of(value)


def with_templates_as(value: Yaml, stand_in: Yaml, *, terraform: bool = False) -> Yaml:
    """The value with ``stand_in`` for each text that is a template, and its word where one is part of a text."""
    pattern = _EXPRESSION if terraform else _WORDS
    if isinstance(value, dict):
        return {
            pattern.sub("x", key): with_templates_as(item, stand_in, terraform=terraform) for key, item in value.items()
        }
    if isinstance(value, list):
        return [with_templates_as(item, stand_in, terraform=terraform) for item in value]
    if not isinstance(value, str):
        return value
    return stand_in if pattern.fullmatch(value) else pattern.sub("x", value)


def lone_templates(text: str) -> bool:
    """Are there template expressions on lines of their own?"""
    return "#xTPA" in text
