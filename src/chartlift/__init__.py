"""chartlift moves Helm charts from Bitnami onto hardened equivalents and proves what it did."""

__version__ = "0.1.0"
