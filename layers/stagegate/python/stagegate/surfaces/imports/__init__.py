"""An import's execution role and the model in Amazon Bedrock."""
