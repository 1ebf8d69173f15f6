"""The page: whole in itself, and whatever others have written is text in it."""

import base64
import hashlib
import json
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from stagegate.access.model import recorded_subject
from stagegate.core.findings import blocked
from stagegate.report.page import FINDINGS, MOST_BYTES, MOST_ROWS, as_html
from stagegate.report.page_data import in_script
from tests.support.reports import a_record_of, a_report, rules_for

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>\u202egnp.exe\x1b[31m\x00'\"&"


class Elements(HTMLParser):
    """The elements that a browser would find in a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def data_of(page: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
    return found


def hostile_page() -> str:
    record = a_record_of("hostile", rules_for(3), findings=[blocked("Odd", HOSTILE)], changes=[HOSTILE])
    subject = replace(record.subject, name=HOSTILE, arn=f"{record.subject.arn}{HOSTILE}")
    return as_html(a_report(2, 3, replace(record, subject=subject)))


def test_it_loads_nothing_and_its_policy_allows_its_own_script_and_style_alone() -> None:
    page = as_html(a_report())
    elements = Elements(page)
    policy = next(at["content"] or "" for tag, at in elements.found if tag == "meta" and "http-equiv" in at)
    script = page.rpartition("<script>")[2].partition("</script>")[0]
    style = page.partition("<style>")[2].partition("</style>")[0]
    for text, directive in ((script, "script-src"), (style, "style-src")):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    loading = {"src", "srcset", "action", "data", "poster", "style"}
    assert [
        (tag, at) for tag, at in elements.found if loading & at.keys() or any(name.startswith("on") for name in at)
    ] == []
    links = [at["href"] for tag, at in elements.found if "href" in at]
    assert [link for link in links if not (link or "").startswith("#")] == []


def test_what_others_have_written_makes_no_element_and_no_control_character() -> None:
    plain = Elements(as_html(a_report(2, 3, a_record_of("plain", rules_for(3)))))
    hostile = Elements(hostile_page())
    assert {tag for tag, _ in hostile.found} <= {tag for tag, _ in plain.found} | {"details", "summary"}
    assert [tag for tag, _ in hostile.found].count("script") == 2
    assert re.search("[\u202e\x00\x1b]", hostile_page()) is None


def test_what_others_have_written_is_shown_as_text() -> None:
    page = hostile_page()
    assert "&lt;/script&gt;&lt;script&gt;alert(1)" in page
    data = data_of(page)
    assert any("</script><script>alert(1)</script>" in text for text in data["strings"])
    assert any("</script>" in model[0] for model in data["models"])


def test_json_in_a_script_ends_no_script_and_begins_no_comment() -> None:
    text = in_script({"a": "</script><!--<script>&amp;\u2028"})
    assert not set("<>&") & set(text)
    assert text.isascii()
    assert json.loads(text) == {"a": "</script><!--<script>&amp;\u2028"}


def test_each_model_has_its_access_findings_and_events() -> None:
    record = a_record_of("churn-card", rules_for(3), number=3, findings=[blocked("NoAudience", "nobody")])
    data = data_of(as_html(a_report(0, 3, record)))
    ((name, kind, _, status, version, audience, _, _, grants, findings, events, more),) = data["models"]
    strings = data["strings"]
    assert (name, strings[kind], strings[status], version, strings[audience]) == (
        "churn-card",
        "model-card",
        "PendingReview",
        12,
        "churn",
    )
    assert [(strings[g[0]], data["sets"][g[1]], strings[g[2]]) for g in grants] == [
        ("dev", [0], "read and write"),
        ("test", [1], "read"),
    ]
    assert [strings[code] for code, _, _ in findings] == ["NoAudience"]
    assert (len(events), more) == (13, 0)


def test_long_lists_are_cut_and_say_so() -> None:
    rules = rules_for(3)
    many = [
        a_record_of(f"churn-{n:04}", rules, number=n, findings=[blocked("NoAudience", "nobody")]) for n in range(500)
    ]
    page = as_html(a_report(0, 3, *many))
    assert page.count("<p>nobody</p>") == FINDINGS
    assert f"{500 - FINDINGS} more are in the JSON" in page
    assert f"{1000 - MOST_ROWS:,} more are in the JSON" in page  # two changes of each in a week


def test_a_ledger_without_anything_is_a_page_that_says_so() -> None:
    page = as_html(a_report(0, 3))
    for said in ("Nothing was found", "Nobody is asked", "No run has opened", "Nothing is open through"):
        assert said in page


def test_accounts_that_the_rules_dont_have_any_more_are_named() -> None:
    record = a_record_of("churn-card", rules_for(30), number=2)
    data = data_of(as_html(a_report(0, 3, record)))
    outside = [data["sets"][grant[9]] if grant[9] >= 0 else [] for grant in data["models"][0][8]]
    assert [len(accounts) for accounts in outside] == [9]
    assert recorded_subject(record.subject.arn) == record.subject


@pytest.mark.timed
def test_thousands_of_models_and_hundreds_of_accounts_are_a_page_of_five_megabytes_in_five_seconds() -> None:
    report = a_report(5000, 300)
    began = time.process_time()
    page = as_html(report)
    took = time.process_time() - began
    print(f"5,000 models x 300 accounts: {len(page) / 1e6:.2f} MB in {took:.2f} s of one core")  # noqa: T201
    assert len(page.encode()) <= MOST_BYTES
    assert took < 5
