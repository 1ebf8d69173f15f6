"""KMS: moto's keys and cryptography, with key policies and grants as AWS behaves, also from other accounts."""
