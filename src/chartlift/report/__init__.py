"""Reports: one record in, one text out; a writer never decides and never recomputes."""
