"""Bedrock's control plane, as far as jobs begin: what matters is who may begin them."""
