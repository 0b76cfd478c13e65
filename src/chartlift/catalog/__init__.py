"""The hardened catalog: a packaged snapshot of facts, and the way to rebuild it."""
