"""Looks at what is about to be deployed, without an AWS account: sizes, settings, replacements, secrets."""
