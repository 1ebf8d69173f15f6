"""What SageMaker keeps: the resources of an account and Region, and where each of them is found."""
