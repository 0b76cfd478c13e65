"""All checks, in the order of what they protect."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from chartlift.records import Finding
from chartlift.verify.checks import claims, identity, images, protection, sizing, state
from chartlift.verify.compare import Comparison

_CHECKS: tuple[Callable[[Comparison], Iterator[Finding]], ...] = (
    state.check_immutable,
    claims.check_kinds,
    claims.check_claims,
    claims.check_mounts,
    identity.check_objects,
    identity.check_services,
    identity.check_secrets,
    identity.check_accounts,
    protection.check_policies,
    protection.check_security,
    protection.check_probes,
    sizing.check_replicas,
    sizing.check_services,
    sizing.check_resources,
    sizing.check_storage,
)


def run_checks(
    comparison: Comparison, vendor_image: Callable[[str], bool], reported: Collection[str] = ()
) -> Iterator[Finding]:
    """Every finding about one comparison. ``reported``: images that the plan said would stay."""
    yield from images.check_images(comparison, vendor_image, reported)
    for check in _CHECKS:
        yield from check(comparison)
