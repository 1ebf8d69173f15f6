"""ECR: moto's repositories, with repository policies and digests as AWS behaves, also from other accounts."""
