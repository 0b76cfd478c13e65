"""Planning: charts and knowledge in, a plan out; pure, no disk, no network."""
