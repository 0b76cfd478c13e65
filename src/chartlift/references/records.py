"""What a format's module finds: references to charts, the values they give, and changes of files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

from chartlift.plan.files import Splice
from chartlift.records import Level, Yaml, YamlPath
from chartlift.references.sources import Source
from chartlift.yamltext.edit import Edit


class Sources(Protocol):
    """Files by their path from the root."""

    def paths(self) -> Collection[str]: ...

    def __contains__(self, path: object) -> bool: ...

    def __getitem__(self, path: str) -> Source: ...

    def relevant(self) -> Iterator[Source]:
        """The YAML files that can hold a reference."""

    def try_read(self, path: str) -> Source | None:
        """The file; None where it is no text."""

    def text(self, path: str) -> str:
        """The file as it is; empty where it is no text."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One ``--set name=value``, wherever it is written."""

    name: str
    value: str
    line: int
    string: bool = False
    """Taken as text whatever it looks like (``--set-string``, ``forceString``)."""
    index: int = 0
    """Its place in the list it stands in."""


@dataclass(frozen=True, slots=True)
class Values:
    """One layer of values that a reference gives; ``(file, part, path)`` names it."""

    kind: Literal["file", "map", "text", "pairs"]
    file: str
    part: int = 0
    """Number of the YAML document in the file."""
    path: YamlPath = ()
    """Where in the document; for texts that are no YAML, the offsets of the values in the file."""
    line: int = 1
    """1-based, of the first line of the values."""
    text: str = field(default="", repr=False)
    """For ``text`` outside YAML: what it says."""
    indent: str = ""
    """For ``text`` outside YAML: what goes before each line."""
    wrap: tuple[str, str] = ("", "")
    """For new ``text`` outside YAML: what goes before and behind it."""
    terraform: bool = False
    """Does Terraform put in expressions before Helm reads the values?"""
    pairs: tuple[Pair, ...] = ()
    also: tuple[AnyChange, ...] = field(default=(), compare=False)
    """Changes that go with values written here: what makes a new place for values heard."""
    details: Mapping[str, object] = field(default_factory=dict, compare=False, repr=False)
    """What its module needs to write it."""

    @property
    def id(self) -> tuple[str, int, YamlPath]:
        return self.file, self.part, self.path


@dataclass(frozen=True, slots=True)
class Unread:
    """Values of a reference that cannot be read here, and so not be converted."""

    line: int
    message: str
    help: str = "Convert them by hand, or put them where the repository has them."


@dataclass(frozen=True, slots=True)
class Remark:
    """Something a format's module has to say of a reference."""

    rule: str
    level: Level
    line: int
    message: str
    help: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """One place that installs one chart: an Application, a release of a helmfile, a command."""

    format: str
    """The module that found it: a key of ``formats.FORMATS``."""
    kind: str
    """What its users call it: ``Argo CD Application``."""
    name: str
    file: str
    line: int
    repository: str
    """The chart's repository in a spelling that vendors are known by."""
    chart: str
    version: str
    part: int = 0
    path: YamlPath = ()
    """Where in the document the reference stands."""
    release: str | None = None
    namespace: str | None = None
    chains: tuple[tuple[Values, ...], ...] = ((),)
    """What it sets, lowest precedence first; several where one reference stands for several environments."""
    fresh: Values | None = None
    """Where values go if it sets none."""
    unread: tuple[Unread, ...] = ()
    remarks: tuple[Remark, ...] = ()
    local: str = ""
    """The directory of a chart of this repository, where it installs that."""
    fixed: str = ""
    """Why the reference itself cannot be rewritten; empty where it can."""
    details: Mapping[str, object] = field(default_factory=dict)
    """What its module needs to rewrite it."""

    @property
    def title(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class Change:
    """An edit of one YAML document of a file."""

    file: str
    part: int
    edit: Edit
    weak: bool = False
    """Only made where no other change speaks of the same place."""


@dataclass(frozen=True, slots=True)
class Append:
    """One more item of a list; added once, however often it is asked for."""

    file: str
    part: int
    path: YamlPath
    value: Yaml


@dataclass(frozen=True, slots=True)
class TextChange:
    """A span of a file's text, replaced."""

    file: str
    splice: Splice


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A YAML document put behind another one of a file; added once, however often it is asked for."""

    file: str
    after: int
    text: str


AnyChange: TypeAlias = Change | Append | TextChange | NewDocument


@dataclass(frozen=True, slots=True)
class PairChanges:
    """What became of a list of pairs."""

    changed: Mapping[int, Pair]
    removed: tuple[int, ...]
    added: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class NewTarget:
    """The chart that takes over, as references spell it."""

    name: str
    version: str
    repository: str
    """``oci://dhi.io``, or an ``https://`` address."""
    pull_secret: str | None = None
    source_vendor: str = ""

    @property
    def is_oci(self) -> bool:
        return self.repository.startswith("oci://")

    @property
    def host(self) -> str:
        """The repository without its scheme: ``dhi.io``."""
        return self.repository.partition("://")[2].rstrip("/")

    @property
    def address(self) -> str:
        """The chart itself as an OCI address: ``oci://dhi.io/redis-chart``."""
        return f"{self.repository.rstrip('/')}/{self.name}"


def as_map(value: Yaml) -> dict[str, Yaml]:
    """The map, or an empty one."""
    return value if isinstance(value, dict) else {}
