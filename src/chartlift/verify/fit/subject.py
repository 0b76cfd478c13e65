"""A container before and after, with what is known of its old image and of its new one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chartlift.catalog.snapshot import Catalog, Definition
from chartlift.images.choose import Destination
from chartlift.images.mapping import ImageEntry, ImageMappings
from chartlift.images.programs import Programs
from chartlift.images.reference import ImageReference, parse_reference
from chartlift.verify.compare import Comparison
from chartlift.verify.fit.container import Container, Mount, containers_of
from chartlift.verify.fit.script import Script, inline_script, read_script, script_file
from chartlift.verify.objects import RenderedObject, mapping, text


@dataclass(frozen=True, slots=True)
class FitKnowledge:
    """What judging a container needs besides the rendered objects."""

    images: ImageMappings
    catalog: Catalog
    programs: Programs
    destination: Destination
    vouched: Mapping[str, str] = field(default_factory=dict)
    """Beginning of a template's path -> id of the mapping that speaks for the chart's images."""

    def hardened(self, image: str) -> tuple[str, Definition | None] | None:
        """Catalog name and definition of a hardened image; None for any other."""
        reference = parse_reference(image)
        if reference is None:
            return None
        name = self.images.vendors.hardened_name(reference) or self.destination.name_of(reference)
        found = self.catalog.image(name) if name else None
        if found is None:
            return None
        return found.name, found.definition_for(reference.tag) or found.definition_of_digest(reference.digest)

    @property
    def vendor_paths(self) -> tuple[str, ...]:
        """Directories that no hardened image has, whoever's image was there before."""
        return tuple(path for vendor in self.images.vendors.sources.values() for path in vendor.paths)

    @property
    def vendor_programs(self) -> frozenset[str]:
        """Tools that no hardened image has, by the name that scripts call."""
        return frozenset(tool for vendor in self.images.vendors.sources.values() for tool in vendor.programs)

    def mapping_of(self, template: str) -> str:
        """The mapping that speaks for a template's chart: the longest beginning wins."""
        known = [prefix for prefix in self.vouched if template.startswith(prefix)]
        return self.vouched[max(known, key=len)] if known else ""


@dataclass(frozen=True, slots=True)
class Subject:
    """One container that runs a hardened image now."""

    container: Container
    before: Container | None
    name: str
    """Of the hardened image in the catalog."""
    definition: Definition
    source: ImageReference | None
    entry: ImageEntry | None
    mapping: str
    """The chart's mapping that speaks for this image; empty where there is none."""
    programs: Programs
    vendor_paths: tuple[str, ...]
    vendor_programs: frozenset[str]
    files: Mapping[tuple[str, str], Mapping[str, str]] = field(repr=False)
    """Rendered ConfigMaps and Secrets: (kind, name) -> key -> text."""
    mounts: tuple[Mount, ...] = ()

    @property
    def image(self) -> str:
        return self.container.image.partition("@")[0]

    def mount_at(self, path: str) -> Mount | None:
        """The volume that a path lies in; the deepest mount wins."""
        holding = [mount for mount in self.mounts if mount.holds(path)]
        return max(holding, key=lambda mount: len(mount.path), default=None)

    def is_vendor_path(self, path: str) -> bool:
        """A path that only the source vendor's own images have, and that no volume brings."""
        ours = any(path == root or path.startswith(f"{root}/") for root in self.vendor_paths)
        above = any(mount.path.startswith(f"{path}/") for mount in self.mounts)
        return ours and not above and self.mount_at(path) is None

    def told(self) -> str:
        """Everything that tells the program where things are: arguments, variables, mounted configuration."""
        container = self.container
        mounted = [
            self.files.get((kind, mount.source), {}) for mount in self.mounts for kind in ("ConfigMap", "Secret")
        ]
        texts = [text for files in mounted for text in files.values()]
        return "\n".join([*container.command, *container.args, *container.env.values(), *texts])

    def scripts(self) -> Iterator[tuple[str, tuple[str, ...], Script]]:
        """What is executed, with the script behind it: where, the words, the script's needs."""
        for run in self.container.runs():
            inline = inline_script(run.words)
            yield run.path, run.words, read_script(inline) if inline is not None else Script()
            seen: set[str] = set()
            queue = list(_files_named(run.words, inline))
            while queue:
                path = queue.pop(0)
                content = self._content(path)
                if path in seen or content is None:
                    continue
                seen.add(path)
                script = read_script(content)
                queue += [*script.sourced, *(word for word in script.programs if word.startswith("/"))]
                yield f"{run.path} ({path})", (), script

    def _content(self, path: str) -> str | None:
        """The text of a file that a ConfigMap of the same rendering brings."""
        mount = self.mount_at(path)
        if mount is None or mount.kind != "configMap":
            return None
        inner = mount.subpath or path[len(mount.path) :].lstrip("/")
        return self.files.get(("ConfigMap", mount.source), {}).get(mount.items.get(inner, inner))


def _files_named(words: Sequence[str], inline: str | None) -> Iterator[str]:
    if inline is not None:
        script = read_script(inline)
        yield from (word for word in (*script.sourced, *script.programs) if word.startswith("/"))
    elif words:
        yield script_file(tuple(words)) or words[0]


def subjects(comparison: Comparison, knowledge: FitKnowledge) -> Iterator[Subject]:
    """The containers of the result that run a hardened image of the catalog and did not before."""
    after = [pair.after for pair in comparison.pairs if pair.after is not None]
    files = {(item.kind, item.name): _texts(item) for item in after if item.kind in ("ConfigMap", "Secret")}
    for pair in comparison.pairs:
        old = {(c.key, c.name): c for c in containers_of(pair.before)} if pair.before is not None else {}
        for container in containers_of(pair.after) if pair.after is not None else ():
            before = old.get((container.key, container.name))
            found = _subject(container, before, knowledge, files)
            if found is not None:
                yield found


def _subject(
    container: Container,
    before: Container | None,
    knowledge: FitKnowledge,
    files: Mapping[tuple[str, str], Mapping[str, str]],
) -> Subject | None:
    hardened = knowledge.hardened(container.image)
    if hardened is None or hardened[1] is None or (before is not None and before.image == container.image):
        return None
    source = parse_reference(before.image) if before is not None else None
    entry = knowledge.images.find(source) if source is not None else None
    return Subject(
        container=container,
        before=before,
        name=hardened[0],
        definition=hardened[1],
        source=source,
        entry=entry,
        mapping=knowledge.mapping_of(container.item.template),
        programs=knowledge.programs,
        vendor_paths=knowledge.vendor_paths,
        vendor_programs=knowledge.vendor_programs,
        files=files,
        mounts=tuple(container.mounts()),
    )


def _texts(item: RenderedObject) -> dict[str, str]:
    """Texts of a ConfigMap; those of a Secret that are written as such (``stringData``)."""
    key = "data" if item.kind == "ConfigMap" else "stringData"
    return {name: text(value) for name, value in mapping(item.data.get(key)).items()}
