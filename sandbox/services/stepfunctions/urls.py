"""Where the API of Step Functions is served."""

from sandbox.services.stepfunctions.responses import SandboxStepFunctionResponse

url_bases = [r"https?://states\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/$": SandboxStepFunctionResponse.dispatch}
