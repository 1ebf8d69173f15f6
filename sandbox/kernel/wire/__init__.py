"""How services are called and answer: botocore's models, moto's protocol, and its clock and speed."""
