"""Policies of buckets, repositories and model package groups, and grants of keys."""
