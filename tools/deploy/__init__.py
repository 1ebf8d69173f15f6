"""Deploys the governance stack with every parameter said aloud, checked against the rules before anything is sent."""
