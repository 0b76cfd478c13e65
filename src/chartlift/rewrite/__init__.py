"""Rewriting: a plan applied to text, and the results put where they belong, whole or not at all."""
