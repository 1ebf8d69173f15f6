"""Puts a governance.toml of your own into what `sam build` has built: `python -m tools.built_settings FILE`.

`sam build` leaves a layer that needs no build where it lies: the built template points at `layers/settings`. This
copies the file beside the built layers and points the template there. The next `sam build` writes the template anew, so
nothing of this stays.
"""

import re
import sys
from pathlib import Path

BUILT = Path(__file__).parents[1] / ".aws-sam" / "build"
LAYER = "SettingsLayer"
_UNBUILT = re.compile(r"^( *ContentUri: ).*layers/settings$", re.MULTILINE)


def put(settings: Path, built: Path = BUILT) -> Path:
    """Return the path of the copy that `sam deploy` will upload, as /opt/governance.toml of every function.

    `built` is the folder that `sam build` wrote. Raises ValueError if its template doesn't have exactly one layer with
    the shipped file.
    """
    template = built / "template.yaml"
    text, places = _UNBUILT.subn(rf"\g<1>{LAYER}", template.read_text(encoding="utf-8"))
    if places != 1:
        raise ValueError(
            f"{template}: found {places} layers with layers/settings; allowed: one, as `sam build` leaves it"
        )
    copy = built / LAYER / "governance.toml"
    copy.parent.mkdir(exist_ok=True)
    copy.write_bytes(settings.read_bytes())
    template.write_text(text, encoding="utf-8")
    return copy


if __name__ == "__main__":
    print(f"{sys.argv[1]} is what `sam deploy` deploys: {put(Path(sys.argv[1]))}")
