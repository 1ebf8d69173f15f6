"""Prints the IAM policy that a stage's roles need for our model cards and model package groups, by governance.toml.

python -m tools.consumer_policy STAGE GOVERNANCE_ACCOUNT [REGION]
"""

import json
import sys
from pathlib import Path

from stagegate.domain.consumer_policy import consumer_policy
from stagegate.domain.errors import SettingsError
from stagegate.runtime.settings import load

SETTINGS = Path(__file__).parents[1] / "layers/settings/governance.toml"


def main(stage: str, account: str, region: str = "*") -> int:
    """Print the policy; or say which stages there are, and return 1."""
    try:
        rules = load(SETTINGS)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    names = [known.name for known in rules.stages]
    if stage not in names:
        print(f"STAGE: found {stage!r}; allowed: {', '.join(names)}", file=sys.stderr)
        return 1
    policy = consumer_policy(rules, stage, partition="aws", region=region, governance_account=account)
    print(json.dumps(policy, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) in (3, 4) else __doc__)
