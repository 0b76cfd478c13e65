"""Container images: find them in values, say what replaces them, and write that back."""
