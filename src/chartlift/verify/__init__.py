"""Render before and after with Helm, compare the objects, and say what an upgrade would meet."""
