"""Where moto finds RAM: one path for each of its operations, from botocore's model."""

from sandbox.kernel.wire.models import service_model
from sandbox.services.ram.responses import RamResponse

url_bases = [r"https?://ram\.(.+)\.amazonaws\.com"]
url_paths = {
    f"{{0}}{service_model('ram').operation_model(name).http['requestUri']}/?$": RamResponse.dispatch
    for name in service_model("ram").operation_names
}
