"""`make check` refuses roles of Stagegate's own, and approvers of accounts that nothing else in the file is about."""

from pathlib import Path

import pytest

from stagegate.rules.__main__ import main

SHIPPED = (Path(__file__).parents[3] / "layers" / "settings" / "governance.toml").read_text()
APPROVER = "arn:aws:iam::111122223333:role/ModelApprover"
ELSEWHERE = "arn:aws:iam::555566667777:role/ModelApprover"
KNOWN = "somebody of 222233334444, 333344445555, 444455556666"


def checked(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    *changes: tuple[str, str],
    prefix: str = "stagegate",
    account: str | None = None,
) -> str:
    """What `make check` says of the shipped file with these changes, a line each without the line's number."""
    text = SHIPPED
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / "governance.toml"
    path.write_text(text)
    code = main(path, prefix=prefix, account=account)
    said = capsys.readouterr()
    assert code == (1 if said.err else 0)
    return "\n".join(line.removeprefix(f"{path}:").partition(": ")[2] for line in said.err.splitlines())


@pytest.mark.parametrize("account", [None, "111122223333"])
def test_an_approver_of_the_governance_account_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], account: str | None
) -> None:
    assert checked(tmp_path, capsys, account=account) == ""


@pytest.mark.parametrize(
    "principal",
    [
        "arn:aws:iam::444455556666:role/path/ModelApprover",
        "arn:aws:sts::222233334444:assumed-role/ModelApprover/alice",
        "arn:aws:sagemaker:us-east-1:333344445555:user-profile/d-abc/alice",
    ],
)
def test_an_approver_of_a_stage_s_account_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], principal: str
) -> None:
    added = (f'"{APPROVER}"', f'"{APPROVER}", "{principal}"')
    assert checked(tmp_path, capsys, added, account="111122223333") == ""


def test_one_other_account_may_be_the_governance_account_and_two_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(tmp_path, capsys, (APPROVER, ELSEWHERE)) == ""
    said = checked(tmp_path, capsys, (f'"{APPROVER}"', f'"{APPROVER}", "{ELSEWHERE}"'))
    assert said == (
        f'approvers[0].principals[1]: found "{ELSEWHERE}", of a second account that nothing else here names, beside'
        f" 111122223333; allowed: {KNOWN}, or of one other account, the governance account (ACCOUNT= says which)"
    )


def test_the_governance_account_s_id_tells_which_one_is_not_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two = (f'"{APPROVER}"', f'"{APPROVER}", "{ELSEWHERE}"')
    said = checked(tmp_path, capsys, two, account="111122223333")
    assert said == (
        f'approvers[0].principals[1]: found "{ELSEWHERE}", of an account that nothing else here names; allowed:'
        f" {KNOWN}, or of 111122223333, the governance account"
    )
    assert f'found "{ELSEWHERE}"' in checked(tmp_path, capsys, (APPROVER, ELSEWHERE), account="111122223333")


@pytest.mark.parametrize(
    ("more", "account"),
    [
        ('[[buckets]]\nname = "models-of-ours"\naccount = "555566667777"', "555566667777"),
        (
            '[[guardrails]]\nname = "canvas"\nby = "boundary"\nroles = ["arn:aws:iam::555566667777:role/Canvas"]\n'
            'public_hub = "deny"',
            "555566667777",
        ),
        (
            '[[registrations]]\nstage = "dev"\ngroups = ["churn"]\n'
            'repositories = ["555566667777.dkr.ecr.us-east-1.amazonaws.com/churn"]',
            "555566667777",
        ),
    ],
)
def test_accounts_that_own_something_in_the_file_are_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: str, account: str
) -> None:
    added = (f'"{APPROVER}"', f'"{APPROVER}", "arn:aws:iam::{account}:user/alice"')
    assert checked(tmp_path, capsys, added, ("paused = false", "paused = false\n")) != ""
    assert checked(tmp_path, capsys, added, ("[packages]\n", f"{more}\n\n[packages]\n"), account="111122223333") == ""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            (APPROVER, "arn:aws:iam::111122223333:role/path/stagegate-apply-share"),
            'approvers[0].principals[0]: found "arn:aws:iam::111122223333:role/path/stagegate-apply-share", a role of'
            " Stagegate; allowed: people's roles",
        ),
        (
            (APPROVER, "arn:aws:sts::222233334444:assumed-role/stagegate-member-share/stagegate-apply-share"),
            "a role of Stagegate; allowed: people's roles",
        ),
        (
            ('["ModelTester"]', '["ModelTester", "path/stagegate-member-observe"]'),
            'stages[1].roles[1]: found "path/stagegate-member-observe", a role of Stagegate; allowed: roles that use'
            " models",
        ),
        (
            (
                "[packages]\n",
                '[[registrations]]\nstage = "dev"\ngroups = ["churn"]\nroles = ["stagegate-member-observe"]\n'
                'readers = ["stagegate-plan"]\n\n[packages]\n',
            ),
            'registrations[0].roles[0]: found "stagegate-member-observe", a role of Stagegate; allowed: roles that'
            ' register models\nregistrations[0].readers[0]: found "stagegate-plan", a role of Stagegate; allowed: roles'
            " that read what is registered",
        ),
        (
            (
                "[packages]\n",
                '[[imports]]\ngroups = ["llm"]\nstage = "prod"\nconsumer = "stagegate-member-import"\n\n[packages]\n',
            ),
            'imports[0].consumer: found "stagegate-member-import", a role of Stagegate; allowed: a role that invokes'
            " models",
        ),
    ],
)
def test_roles_of_stagegate_are_nobody_to_let_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], change: tuple[str, str], said: str
) -> None:
    assert said in checked(tmp_path, capsys, change)


def test_whose_roles_they_are_is_by_the_stack_s_prefix(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    theirs = (APPROVER, "arn:aws:iam::111122223333:role/stagegate-approvers")
    assert checked(tmp_path, capsys, theirs, prefix="models") == ""
    ours = (APPROVER, "arn:aws:iam::111122223333:role/models-plan")
    assert "a role of Stagegate" in checked(tmp_path, capsys, ours, prefix="models")


def test_what_is_written_wrongly_is_told_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = checked(tmp_path, capsys, (APPROVER, "arn:aws:iam::111122223333:role/stagegate-*"))
    assert len(said.splitlines()) == 1
    assert "without wildcards" in said
