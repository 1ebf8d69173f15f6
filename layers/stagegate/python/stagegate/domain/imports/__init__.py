"""Imports: a package's weights become a model of Amazon Bedrock in another account, and go again with its approval."""
