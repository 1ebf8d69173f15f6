"""Where moto finds the runtime."""

from sandbox.services.bedrock_runtime.responses import BedrockRuntimeResponse

url_bases = [r"https?://bedrock-runtime\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/.*$": BedrockRuntimeResponse.dispatch}
