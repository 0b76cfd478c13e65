"""Charts as Helm sees them: reading, metadata, subcharts, values, and where charts are found."""
