"""Boundaries, service control policies and Canvas settings that take access away."""
