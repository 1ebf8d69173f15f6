"""Where moto finds S3: at its own addresses, with this package's responses."""

from moto.s3 import urls

from sandbox.services.s3.responses import S3Response

url_bases = urls.url_bases
url_paths = {path: getattr(S3Response, handler.__name__) for path, handler in urls.url_paths.items()}
