"""The steps of the state machine that imports a model into Amazon Bedrock."""
