"""Every place of a repository that names a chart: found by one walk, one module a format."""
