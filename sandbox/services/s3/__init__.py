"""S3: moto's buckets and objects, with bucket policies and encryption as AWS behaves."""
