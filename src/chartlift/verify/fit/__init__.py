"""Whether each container of the result can run on its new image: facts of the catalog against rendered objects."""
