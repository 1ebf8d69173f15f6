"""The AWS services, each under boto3's name for its client. `boot` puts them in the place of moto's."""
