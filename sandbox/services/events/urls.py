"""Where the API of EventBridge is served."""

from moto.events.responses import EventsHandler

url_bases = [r"https?://events\.(.+)\.amazonaws\.com"]
url_paths = {"{0}/": EventsHandler.dispatch}
