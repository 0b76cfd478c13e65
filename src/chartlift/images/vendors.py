"""Whose image or chart is this: vendors by their registries, chart repositories and metadata.

The spellings are data (``mappings/vendors.yaml``): Docker Hub has several host names, Bitnami several
organisations (current, legacy, secure, premium), and people mirror both under prefixes of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from chartlift.images.datafile import Data, load_layers
from chartlift.images.reference import ImageReference, parse_reference
from chartlift.records import SupplyChain, Yaml

_HUB = "docker.io"
_HUB_HOSTS = re.compile(r"^(?:index\.docker\.io|registry-1\.docker\.io|registry\.hub\.docker\.com)(?=/|$)")
_SCHEME = re.compile(r"^(?:git\+)?[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_USER = re.compile(r"^[^/@]+@")
_PORT = re.compile(r"^([^/:]+):(?:443|80)(?=/|$)")
_SUFFIX = re.compile(r"[@?#].*$", re.DOTALL)
"""A git revision or path (``helm-git``: ``...charts@bitnami/redis?ref=main``), a query, a fragment."""
_ALIAS = re.compile(r"^(?:@|alias:)(?P<name>[A-Za-z0-9._-]+)$")


@dataclass(frozen=True, slots=True)
class Conventions:
    """What a vendor's charts have in common; paths are value paths, empty where it has none such."""

    allow_foreign_images: str = ""
    pull_secrets: str = ""
    pull_secret_shape: Literal["string", "object"] = "object"  # noqa: S105 - no secret, the shape of an item
    user: int | None = None
    """User id that its charts set since its images know it."""
    security_context: str = ""
    """Key of a container's security context, beside or below its image."""
    together: Mapping[str, Mapping[str, Yaml]] = field(default_factory=dict)
    """Maps whose values do nothing alone: key of the map -> what goes with one of them."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """One publisher. All entries are prefixes without a scheme: ``docker.io/bitnami``."""

    name: str
    title: str
    images: tuple[str, ...] = ()
    charts: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    """Names people give the repository with ``helm repo add``; written ``@name`` in a dependency."""
    metadata: tuple[str, ...] = ()
    """Prefixes of ``home`` and ``sources`` in Chart.yaml."""
    annotations: tuple[str, ...] = ()
    """Keys of Chart.yaml annotations that only this vendor writes."""
    paths: tuple[str, ...] = ()
    """Directories that only this vendor's own images have: ``/opt/bitnami``."""
    programs: tuple[str, ...] = ()
    """Tools that only this vendor's own images have, by the name that scripts call."""
    conventions: Conventions = field(default_factory=Conventions)
    supply_chain: SupplyChain | None = None
    """Of a hardened vendor: how its artefacts are checked."""
    mirrored_as: str = ""
    """What goes before an image's name in an organisation's own mirror on Docker Hub: ``dhi-``."""

    @property
    def repositories(self) -> frozenset[str]:
        """Addresses that are a whole chart repository: a host alone usually has its charts one level below."""
        return frozenset(self.charts) | {f"{prefix}/{self.name}" for prefix in self.charts if "/" not in prefix}


@dataclass(frozen=True, slots=True)
class Vendors:
    """Everyone that is known. ``mirrored`` is the vendor that a configured mirror prefix stands for."""

    sources: Mapping[str, Vendor]
    hardened: Mapping[str, Vendor]
    mirrored: str

    def vendor_of_repository(self, url: str, extra_prefixes: Sequence[str] = ()) -> str | None:
        """The vendor whose chart repository this is, in any spelling; None if nobody's that is known.

        ``extra_prefixes`` are an organisation's mirrors: the whole repository, or what comes before
        the vendor's own path.
        """
        alias = _ALIAS.match(url.strip())
        if alias:
            return next((v.name for v in self.sources.values() if alias["name"] in v.aliases), None)
        address = plain_address(url)
        for vendor in self.sources.values():
            if any(_below(address, prefix) is not None for prefix in vendor.charts):
                return vendor.name
        return self._mirrored_repository(address, extra_prefixes)

    def _mirrored_repository(self, address: str, extra_prefixes: Sequence[str]) -> str | None:
        for prefix in extra_prefixes:
            rest = _below(address, plain_address(prefix))
            if rest == "":
                return self.mirrored
            if rest is None:
                continue
            for vendor in self.sources.values():
                known = (*vendor.charts, *(chart.partition("/")[2] for chart in vendor.charts))
                if any(entry and _below(rest, entry) is not None for entry in known):
                    return vendor.name
        return None

    def conventions(self, vendor: str | None) -> Conventions:
        """What a vendor's charts have in common; nothing for one that is not known."""
        found = self.sources.get(vendor or "")
        return found.conventions if found is not None else Conventions()

    def vendor_image(self, reference: ImageReference, extra_prefixes: Sequence[str] = ()) -> tuple[str, str] | None:
        """Vendor and short name (``bitnami``, ``redis``) of an image; None if nobody's that is known."""
        found = self._listed_image(reference)
        return found or self._mirrored_image(reference, extra_prefixes)

    def _listed_image(self, reference: ImageReference) -> tuple[str, str] | None:
        name = reference.normalised().name
        for vendor in self.sources.values():
            for prefix in vendor.images:
                rest = _below(name, prefix)
                if rest:
                    return vendor.name, rest
        return None

    def _mirrored_image(self, reference: ImageReference, extra_prefixes: Sequence[str]) -> tuple[str, str] | None:
        for prefix in extra_prefixes:
            # A mirror's name may end inside a component: `registry.acme.com/mirror-`.
            rest = _below(reference.normalised().name, plain_address(prefix), inside=prefix.endswith(("-", "_")))
            inner = parse_reference(rest) if rest else None
            if rest is None or inner is None:
                continue
            listed = self._listed_image(inner) if "/" in rest else None
            if listed:
                return listed
            if "/" not in rest:
                return self.mirrored, rest
        return None

    def vendor_of_metadata(self, home: str, sources: Sequence[str], annotations: Mapping[str, str]) -> str | None:
        """The vendor that a chart names in its own Chart.yaml: home, sources, annotations."""
        addresses = [plain_address(url) for url in (home, *sources) if url]
        for vendor in self.sources.values():
            named = any(_below(a, prefix) is not None for a in addresses for prefix in vendor.metadata)
            if named or any(key in annotations for key in vendor.annotations):
                return vendor.name
        return None

    def hardened_name(self, reference: ImageReference) -> str | None:
        """The catalog's name of an image that is hardened already, itself or in an organisation's mirror."""
        name = reference.normalised().name
        for vendor in self.hardened.values():
            for prefix in vendor.images:
                rest = _below(name, prefix)
                if rest:
                    return rest
            owner, _, last = name.removeprefix(f"{_HUB}/").partition("/")
            if vendor.mirrored_as and name.startswith(f"{_HUB}/") and "/" not in last and owner != "library":
                mirrored = last.removeprefix(vendor.mirrored_as)
                if mirrored and mirrored != last:
                    return mirrored
        return None

    def at_home(self, reference: ImageReference) -> str | None:
        """The catalog's name of an image at the hardened vendor's own registry; None elsewhere."""
        name = reference.normalised().name
        below = (_below(name, prefix) for vendor in self.hardened.values() for prefix in vendor.images)
        return next((rest for rest in below if rest), None)

    def image_words(self, prefixes: Sequence[str] = ()) -> list[str]:
        """What no text can do without that names an image of the vendor that is migrated from."""
        images = self.sources[self.mirrored].images
        return [*dict.fromkeys(prefix.rpartition("/")[2] + "/" for prefix in images), *prefixes]

    def is_hardened_repository(self, url: str) -> bool:
        """Whether a chart repository is the hardened vendor's own."""
        address = plain_address(url)
        return any(_below(address, prefix) is not None for v in self.hardened.values() for prefix in v.charts)


def plain_address(url: str) -> str:
    """A URL without scheme, user, default port and slashes at the end; Docker Hub by its one name."""
    address = _USER.sub("", _SCHEME.sub("", url.strip()))
    host, slash, path = address.partition("/")
    address = _PORT.sub(r"\1", host.lower() + slash + _SUFFIX.sub("", path)).rstrip("/")
    return _HUB_HOSTS.sub(_HUB, address)


def _below(name: str, prefix: str, *, inside: bool = False) -> str | None:
    """What follows the prefix at a path boundary; ``""`` if equal, None if it is no prefix."""
    if name == prefix:
        return ""
    whole = prefix if inside or prefix.endswith("/") else prefix + "/"
    if not prefix or not name.startswith(whole):
        return None
    return name[len(whole) :].strip("/")


def load_vendors(extra: Sequence[Path] = ()) -> Vendors:
    """Load ``vendors.yaml``, overlaid by those in the user's directories (a vendor's lists are added to).

    Errors (``ChartliftError``): a file that does not fit ``mappings/schema/vendors.schema.json``.
    """
    layers = load_layers("vendors.yaml", "vendors.schema.json", extra)
    mirrored = [layer["mirrored"] for layer in layers if "mirrored" in layer]
    return Vendors(_vendors(layers, "vendors"), _vendors(layers, "hardened"), str(mirrored[-1]))


def _vendors(layers: Sequence[Data], section: str) -> dict[str, Vendor]:
    names = dict.fromkeys(name for layer in layers for name in layer.get(section, {}))
    return {name: _vendor(name, [layer.get(section, {}).get(name, {}) for layer in layers]) for name in names}


def _vendor(name: str, layers: Sequence[Data]) -> Vendor:
    def entries(key: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(entry) for layer in layers for entry in layer.get(key, ())))

    def text(key: str, default: str) -> str:
        return str(next((layer[key] for layer in reversed(layers) if key in layer), default))

    return Vendor(
        name=name,
        title=text("title", name),
        images=entries("images"),
        charts=entries("charts"),
        aliases=entries("aliases"),
        metadata=entries("metadata"),
        annotations=entries("annotations"),
        paths=entries("paths"),
        programs=entries("programs"),
        supply_chain=_supply_chain([layer["supply_chain"] for layer in layers if "supply_chain" in layer]),
        conventions=_conventions([layer.get("conventions", {}) for layer in layers]),
        mirrored_as=text("mirrored_as", ""),
    )


def _conventions(layers: Sequence[Data]) -> Conventions:
    merged = {key: value for layer in layers for key, value in layer.items()}
    secrets = merged.get("pull_secrets", {})
    return Conventions(
        merged.get("allow_foreign_images", ""),
        secrets.get("path", ""),
        secrets.get("shape", "object"),
        merged.get("user"),
        merged.get("security_context", ""),
        merged.get("together", {}),
    )


def _supply_chain(layers: Sequence[Data]) -> SupplyChain | None:
    if not layers:
        return None
    last = layers[-1]
    words = {key: str(last.get(key, "")) for key in ("login", "key", "free", "paid")}
    return SupplyChain(verify=tuple(last.get("verify", ())), **words)
