"""Where moto finds IAM."""

from sandbox.services.iam.responses import SimulatingResponse

url_bases = [r"https?://iam\.(.*\.)?amazonaws\.com"]
url_paths = {"{0}/$": SimulatingResponse.dispatch}
