"""Writing back: each shape keeps its form, and what Helm then sees is the target, no old digest left."""

from typing import Any

import pytest

from chartlift.images.choose import Destination, ImageChoice
from chartlift.images.edits import plan_edits, plan_global_registry, plan_image_edits
from chartlift.images.find import find_images
from chartlift.images.reference import ImageReference
from chartlift.yamltext.edit import Edit, Set, apply_to_data

SHA = "sha256:" + "a1" * 32
NEW = "sha256:" + "b2" * 32
TARGET = ImageReference("dhi.io", "redis", "8.4.6-debian13-compat")
SPLIT = {"registry": "docker.io", "repository": "bitnami/redis", "tag": "7.2.5", "digest": ""}


class Bitnami:
    def knows(self, reference: ImageReference) -> bool:
        return "bitnami/" in reference.name or reference.registry == "dhi.io"


def chosen(target: ImageReference = TARGET) -> ImageChoice:
    return ImageChoice(target, "mapped", "")


def write(data: Any, target: ImageReference = TARGET, **options: Any) -> tuple[Any, list[Edit]]:
    """Edit the first image that is found; the edited data and the edits."""
    found = find_images(data, known=Bitnami(), **options)[0]
    edits = plan_image_edits(found, chosen(target), Destination(target.registry))
    return apply_to_data(data, edits), edits


CASES: list[tuple[str, Any, Any, ImageReference]] = [
    (
        "split",
        {"image": SPLIT},
        {"image": {"registry": "dhi.io", "repository": "redis", "tag": TARGET.tag, "digest": ""}},
        TARGET,
    ),
    (
        "old digest is emptied",
        {"image": SPLIT | {"digest": SHA}},
        {"image": {"registry": "dhi.io", "repository": "redis", "tag": TARGET.tag, "digest": ""}},
        TARGET,
    ),
    (
        "digest goes with the tag",
        {"image": SPLIT},
        {"image": {"registry": "dhi.io", "repository": "redis", "tag": TARGET.tag, "digest": NEW}},
        ImageReference("dhi.io", "redis", TARGET.tag, NEW),
    ),
    (
        "other keys stay",
        {"image": {"repository": "bitnami/redis", "pullPolicy": "Always", "tag": 7}},
        {"image": {"repository": "dhi.io/redis", "pullPolicy": "Always", "tag": TARGET.tag}},
        TARGET,
    ),
    (
        "registry in the repository, and an empty registry",
        {"image": {"registry": "", "repository": "docker.io/bitnami/redis", "tag": "7"}},
        {"image": {"registry": "", "repository": "dhi.io/redis", "tag": TARGET.tag}},
        TARGET,
    ),
    (
        "empty registry of Docker Hub",
        {"image": {"registry": "", "repository": "bitnami/redis", "tag": "7"}},
        {"image": {"registry": "dhi.io", "repository": "redis", "tag": TARGET.tag}},
        TARGET,
    ),
    (
        "path in the registry",
        {"image": {"registry": "r.io/bitnami", "repository": "redis", "tag": "7"}},
        {"image": {"registry": "dhi.io", "repository": "redis", "tag": TARGET.tag}},
        TARGET,
    ),
    (
        "mirror with a prefix",
        {"image": SPLIT},
        {"image": {"registry": "docker.io", "repository": "acme/dhi-redis", "tag": "8.4.6", "digest": ""}},
        ImageReference("docker.io", "acme/dhi-redis", "8.4.6"),
    ),
    ("string", {"image": f"bitnami/redis:7@{SHA}"}, {"image": str(TARGET)}, TARGET),
    ("sibling tag", {"image": "bitnami/redis", "tag": "7"}, {"image": "dhi.io/redis", "tag": TARGET.tag}, TARGET),
    (
        "flat keys",
        {"imageRegistry": "docker.io", "imageRepository": "bitnami/redis", "imageTag": 7},
        {"imageRegistry": "dhi.io", "imageRepository": "redis", "imageTag": TARGET.tag},
        TARGET,
    ),
    (
        "item of a list",
        {"images": ["nginx:1", "bitnami/redis:7"]},
        {"images": [str(TARGET), "bitnami/redis:7"]},
        TARGET,
    ),
    (
        "container",
        {"sidecars": [{"name": "x", "image": "bitnami/redis:7"}]},
        {"sidecars": [{"name": "x", "image": str(TARGET)}]},
        TARGET,
    ),
    ("argument", {"args": ["--image=bitnami/redis:7", "-v"]}, {"args": [f"--image={TARGET}", "-v"]}, TARGET),
    (
        "no tag yet",
        {"image": {"repository": "bitnami/redis"}},
        {"image": {"repository": "dhi.io/redis", "tag": TARGET.tag}},
        TARGET,
    ),
    (
        "digest in the tag",
        {"image": {"repository": "bitnami/redis", "tag": f"7@{SHA}"}},
        {"image": {"repository": "dhi.io/redis", "tag": TARGET.tag}},
        TARGET,
    ),
    (
        "digest in the tag, pinned",
        {"image": {"repository": "bitnami/redis", "tag": f"7@{SHA}"}},
        {"image": {"repository": "dhi.io/redis", "tag": f"8.4.6@{NEW}"}},
        ImageReference("dhi.io", "redis", "8.4.6", NEW),
    ),
    (
        "sha without its algorithm",
        {"image": {"repository": "bitnami/redis", "tag": "7", "sha": SHA[7:]}},
        {"image": {"repository": "dhi.io/redis", "tag": "8.4.6", "sha": NEW[7:]}},
        ImageReference("dhi.io", "redis", "8.4.6", NEW),
    ),
]


@pytest.mark.parametrize(("data", "expected", "target"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_keeps_the_form(data: Any, expected: Any, target: ImageReference) -> None:
    after, _ = write(data, target)
    assert after == expected
    again = find_images(after, known=Bitnami())[0]
    assert again.reference is not None
    assert (again.reference.name, again.reference.tag) == (target.name, target.tag)
    assert SHA not in str(after)


@pytest.mark.parametrize(
    ("own", "defaults", "expected"),
    [
        ({"tag": "7.4"}, SPLIT, {"tag": TARGET.tag, "registry": "dhi.io", "repository": "redis"}),
        ({"digest": SHA}, SPLIT, {"digest": "", "registry": "dhi.io", "repository": "redis", "tag": TARGET.tag}),
        (
            {"tag": "7.4"},
            SPLIT | {"digest": SHA},
            {"tag": TARGET.tag, "registry": "dhi.io", "repository": "redis", "digest": ""},
        ),
        (
            {"repository": "bitnamilegacy/redis"},
            SPLIT,
            {"repository": "redis", "registry": "dhi.io", "tag": TARGET.tag},
        ),
        ({"tag": "7.4"}, {"registry": "dhi.io", "repository": "redis", "tag": "1"}, {"tag": TARGET.tag}),
    ],
)
def test_a_partial_override_gets_only_what_it_needs(own: Any, defaults: Any, expected: Any) -> None:
    after, _ = write({"image": own}, defaults={"image": defaults})
    assert after == {"image": expected}
    (again,) = find_images(after, defaults={"image": defaults})
    assert again.reference == TARGET


def test_images_that_only_the_defaults_name() -> None:
    (found,) = find_images({}, defaults={"image": SPLIT}, every=True)
    edits = plan_image_edits(found, chosen(), Destination())
    assert [(e.path[-1], e.value) for e in edits if isinstance(e, Set)] == [
        ("registry", "dhi.io"),
        ("repository", "redis"),
        ("tag", TARGET.tag),
    ]


def test_several_images_in_one_string() -> None:
    text = "a bitnami/redis:7\nb bitnami/kubectl:1.33 bitnami/redis:7\n"
    found = find_images({"script": text}, known=Bitnami())
    pairs = [(one, chosen()) for one in found]
    pairs[1] = (found[1], ImageChoice(None, "kept", "stays"))
    edits = plan_edits(pairs, Destination())
    assert edits == [Set(("script",), f"a {TARGET}\nb bitnami/kubectl:1.33 {TARGET}\n")]


@pytest.mark.parametrize(
    "choice",
    [
        ImageChoice(None, "unmapped", ""),
        ImageChoice(None, "kept", ""),
        ImageChoice(None, "hardened", ""),
        ImageChoice(TARGET, "kept", ""),
    ],
)
def test_nothing_is_written_without_a_mapped_target(choice: ImageChoice) -> None:
    (found,) = find_images({"image": SPLIT})
    assert plan_image_edits(found, choice, Destination()) == []
    assert plan_edits([(found, choice)], Destination()) == []


def test_nothing_is_written_where_it_stands_already() -> None:
    data = {"image": {"registry": "dhi.io", "repository": "redis", "tag": TARGET.tag, "digest": ""}}
    assert write(data)[1] == []
    assert write({"image": str(TARGET)})[1] == []


def test_nothing_is_written_into_a_list_of_the_defaults() -> None:
    (found,) = find_images({}, defaults={"sidecars": [{"image": "bitnami/redis:7"}]}, every=True)
    assert plan_image_edits(found, chosen(), Destination()) == []


class TestGlobalRegistry:
    DATA = {"global": {"imageRegistry": "r.io"}, "a": {"image": SPLIT}, "b": {"image": SPLIT}}  # noqa: RUF012

    def test_moves_when_every_image_under_it_moves(self) -> None:
        pairs = [(f, chosen()) for f in find_images(self.DATA)]
        assert plan_global_registry(pairs, Destination()) == ([Set(("global", "imageRegistry"), "dhi.io")], [])
        after = apply_to_data(
            self.DATA, [*plan_edits(pairs, Destination()), *plan_global_registry(pairs, Destination())[0]]
        )
        assert {str(f.reference) for f in find_images(after)} == {str(TARGET)}

    def test_blocks_when_one_image_stays(self) -> None:
        first, second = find_images(self.DATA)
        edits, notes = plan_global_registry([(first, chosen()), (second, ImageChoice(None, "kept", ""))], Destination())
        assert edits == []
        assert [(n.rule, n.level) for n in notes] == [("global-registry", "error")]
        assert "r.io/bitnami/redis:7.2.5" in notes[0].message

    def test_stays_when_it_is_the_destination_or_is_not_set(self) -> None:
        pairs = [(f, chosen()) for f in find_images(self.DATA)]
        assert plan_global_registry(pairs, Destination("r.io")) == ([], [])
        pairs = [(f, chosen()) for f in find_images({"image": SPLIT})]
        assert plan_global_registry(pairs, Destination()) == ([], [])
