"""Mapping files: the format, its expressions, the conversion, and the lint."""
