"""SageMaker's model cards and model packages, as AWS behaves."""
