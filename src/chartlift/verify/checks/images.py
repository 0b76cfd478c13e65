"""Rule ``source-image-left``: after a migration no image of the source vendor is pulled from anywhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from chartlift.records import Finding, Level
from chartlift.verify.checks.finding import finding
from chartlift.verify.compare import Comparison
from chartlift.verify.imageuse import ImageUse, image_uses
from chartlift.verify.objects import RenderedObject

_HELP = "Map the image, set its values by hand, or accept the rule if it must stay."


def check_images(
    comparison: Comparison, vendor_image: Callable[[str], bool], reported: Collection[str] = ()
) -> Iterator[Finding]:
    """``vendor_image`` says whether a reference is one of the source vendor's; ``reported`` are those
    that stay as the plan says, with the reason beside the image."""
    for pair in comparison.pairs:
        for use in image_uses(pair.after, vendor_image) if pair.after else ():
            if not use.exact or vendor_image(use.image):
                yield _left(pair.after or pair.item, use, use.image in reported)


def _left(item: RenderedObject, use: ImageUse, said: bool) -> Finding:
    # Operators pull what their configuration names; a comment may only talk about it.
    level: Level = "warning" if use.comment or said else "error"
    what = f"hook {item.identity}" if item.hooks else str(item.identity)
    verb = "still uses" if use.exact else "still names"
    why = ", which stays for the reason given with the image" if said else ""
    return finding("source-image-left", level, item, use.path, f"{what} {verb} {use.image}{why}", _HELP)
