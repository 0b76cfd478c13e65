"""A catalog of our own in small, and the packaged snapshot."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from chartlift.catalog.snapshot import Catalog, load_catalog

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    return load_catalog()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the small catalog that a test may spoil."""
    return Path(shutil.copytree(HERE / "small", tmp_path / "checkout"))


@pytest.fixture
def expected() -> Path:
    """The snapshot of the small catalog, written out by hand from its files."""
    return HERE / "expected"
