"""Where moto finds Bedrock."""

from sandbox.services.bedrock.responses import BedrockResponse

url_bases = [r"https?://bedrock\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/.*$": BedrockResponse.dispatch}
