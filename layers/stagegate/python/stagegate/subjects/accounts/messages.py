"""What a person is told about an account, beside what they are told about every subject."""

from stagegate.plans.wording import Wording


def wording(account: str) -> Wording:
    """Return what is said of an account: what this plan is about in it."""
    return Wording(
        headline=f"what of Stagegate's lies in account {account} unwanted",
        access=("- nobody by this: it is about what is left",),
        takes_away=True,
    )
