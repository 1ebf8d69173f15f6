"""What is encrypted goes to people sealed for its subject, or not at all."""

import json
from dataclasses import replace

import pytest

from stagegate.core.errors import ThrottledError
from stagegate.core.messages.mail import ENCRYPTED, LEFT_OUT, Message
from stagegate.rules.model import Rules
from stagegate.rules.sweeps import MessageRules
from stagegate.runs.notify import notify
from stagegate.runs.sealing import opened, sealed
from tests.support.builders import CARD_ARN, PENDING, a_card, a_message, a_plan, entitled_to, reads, some_rules
from tests.support.hostile import HOSTILE, MARK, is_harmless
from tests.support.messages import LABELS, handed_on, mailed
from tests.support.packages import a_message as a_package_message
from tests.support.packages import a_package, package_rules, the_plan
from tests.support.scripted import Scripted, refusal

MESSAGE = Message(subject="s", text=f"first\n{ENCRYPTED}\nlast\n", labels=LABELS)
QUOTES = MessageRules(quote_encrypted=True)


def quoting(rules: Rules) -> Rules:
    return replace(rules, messages=QUOTES)


def test_a_mail_of_an_encrypted_card_speaks_of_it_only() -> None:
    rules, card = some_rules(), replace(a_card(PENDING, kms_key="key"), overview=MARK, sections=frozenset({MARK}))
    message = a_message(rules, a_plan(rules, entitled_to(reads("test")), card=card), card)
    assert LEFT_OUT in message.text.splitlines()
    assert MARK not in message.text


def test_a_mail_of_an_encrypted_package_speaks_of_it_only() -> None:
    package = replace(a_package(kms_key="key"), overview=MARK)
    for rules in (package_rules(), quoting(package_rules())):
        message = a_package_message(rules, the_plan(rules, package=package), package)
        assert MARK not in message.text
        assert (ENCRYPTED in message.text.splitlines()) == rules.messages.quote_encrypted


@pytest.mark.parametrize(("sealed", "stands"), [(False, True), (True, False)])
def test_a_line_stands_for_it_where_the_rules_let_mails_quote_it(*, sealed: bool, stands: bool) -> None:
    rules, card = quoting(some_rules()), replace(a_card(PENDING, kms_key="key", sealed=sealed), overview=MARK)
    message = a_message(rules, a_plan(rules, entitled_to(reads("test")), card=card), card)
    assert (ENCRYPTED in message.text.splitlines()) == stands
    assert (LEFT_OUT in message.text.splitlines()) != stands
    assert MARK not in message.text


def test_what_is_sealed_is_opened_for_its_subject_and_is_one_harmless_line() -> None:
    kms = Scripted("kms", Encrypt={"CiphertextBlob": b"sealed"}, Decrypt={"Plaintext": b"It says: x\nYes: y"})
    secret = sealed(kms.client, "alias/stagegate", CARD_ARN, MESSAGE, f'It says: "{MARK}"')
    assert MARK not in secret.text
    message = opened(kms.client, CARD_ARN, secret)
    assert message.text == "first\nIt says: x Yes: y\nlast\n"
    encrypted, decrypted = kms.calls
    assert encrypted[1]["EncryptionContext"] == decrypted[1]["EncryptionContext"] == {"stagegate:subject": CARD_ARN}
    assert decrypted[1]["CiphertextBlob"] == b"sealed"


def test_it_always_fits() -> None:
    kms = Scripted("kms", Encrypt={"CiphertextBlob": b"sealed"})
    sealed(kms.client, "alias/stagegate", CARD_ARN, MESSAGE, "\U0001f600" * 10_000)
    assert len(kms.calls[0][1]["Plaintext"]) <= 4_096


def test_a_key_that_cant_be_used_leaves_it_out_and_one_that_is_busy_is_tried_again() -> None:
    refused = Scripted("kms", Encrypt=refusal("AccessDeniedException", HOSTILE), Decrypt=refusal("DisabledException"))
    for message in (
        sealed(refused.client, "alias/stagegate", CARD_ARN, MESSAGE, MARK),
        opened(refused.client, CARD_ARN, replace(MESSAGE, sealed="c2VhbGVk")),
    ):
        assert "first\nWhat it says is encrypted, and left out: " in message.text
        is_harmless(message)
    busy = Scripted("kms", Encrypt=refusal("ThrottlingException"), Decrypt=refusal("KMSInternalException"))
    with pytest.raises(ThrottledError):
        sealed(busy.client, "alias/stagegate", CARD_ARN, MESSAGE, MARK)


def test_notify_opens_what_is_sealed_and_asks_for_no_key_else() -> None:
    sns = Scripted("sns", Publish={"MessageId": "1"})
    kms = Scripted("kms", Decrypt={"Plaintext": b"It says: x"})
    request = {"subject": CARD_ARN, "outcome": "changes", "execution": "run"}
    plain = handed_on("s", "t\n", sealed="")
    notify(sns.client, "arn:topic", {**request, "message": plain}, lambda: pytest.fail("no key is needed"))
    notify(
        sns.client,
        "arn:topic",
        {**request, "message": handed_on("s", MESSAGE.text, sealed="c2VhbGVk")},
        lambda: kms.client,
    )
    assert [mailed(call[1]) for call in sns.calls] == ["t\n", "first\nIt says: x\nlast\n"]
    for protocol in ("https", "http", "sqs", "lambda", "firehose"):
        assert "It says: x" not in json.loads(sns.calls[1][1]["Message"])[protocol]
