"""Policies, keys, roles and models that subjects are opened on, as values. It touches nothing."""
