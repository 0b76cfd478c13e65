"""Prove a mapping by rendering: set each value of the source chart, and see its effect arrive in the target."""
