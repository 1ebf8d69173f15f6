"""SQS, as moto brings it."""
