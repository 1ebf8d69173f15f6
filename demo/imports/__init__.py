"""The story of a package whose weights become a model of Amazon Bedrock, in an account that hosts models."""
