"""YAML as Helm reads it, and edits that touch only the bytes they mean."""
