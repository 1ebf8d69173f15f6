"""Whoever has registered a package, or changed what it is made of, is no second person."""

from dataclasses import replace

import pytest

from stagegate.approvals.entitlement import Entitled
from stagegate.approvals.gate import PATIENCE
from stagegate.approvals.principals import Actor
from stagegate.approvals.records import AuditRecord
from stagegate.core.card_link import CardLink
from tests.support.builders import APPROVER, AUTHOR, a_record, at
from tests.support.packages import CONTENT, a_package
from tests.unit.subjects.packages.test_package_entitlements import APPROVAL, RULES, codes, entitled, stages


class TestFourEyes:
    rules = replace(RULES, packages=replace(RULES.packages, four_eyes=True))  # type: ignore[type-var]

    def found(self, *records: AuditRecord, creator: Actor | None = AUTHOR, seconds: float = 60) -> Entitled:
        package = replace(a_package(), creator=creator)
        return entitled(*records, APPROVAL, package=package, rules=self.rules, seconds=seconds)

    def test_who_registered_it_does_not_approve_it(self) -> None:
        assert stages(self.found()) == ["prod"]
        assert codes(self.found(creator=APPROVER)) == ["FourEyes"]

    def test_nor_does_who_changed_what_it_is_made_of(self) -> None:
        edit = replace(a_record(None, APPROVER, -900, version=3, content=None), moment=at(-899.6))
        assert codes(self.found(edit)) == ["FourEyes"]
        assert stages(self.found(replace(edit, metadata_only=True))) == ["prod"]

    @pytest.mark.parametrize("link", [None, CardLink.REQUIRED])
    def test_nor_does_who_moved_it_to_another_card_where_cards_count(self, link: CardLink | None) -> None:
        assert self.rules.packages
        rules = replace(self.rules, packages=replace(self.rules.packages, card=link))
        package = replace(a_package(), creator=AUTHOR)
        moved = replace(a_record(None, APPROVER, -900, version=3, content=None), metadata_only=True, links=True)
        found = entitled(moved, APPROVAL, package=package, rules=rules)
        assert codes(found) == (["FourEyes"] if link else [])
        just_now = replace(moved, actor=AUTHOR, at=APPROVAL.at)
        found = entitled(just_now, APPROVAL, package=package, rules=rules)
        assert codes(found) == (["ApprovalUnclear"] if link else [])

    def test_who_registered_it_has_to_be_known(self) -> None:
        assert self.found(creator=None).waiting == ("prod",)
        assert codes(self.found(creator=None, seconds=PATIENCE.total_seconds() + 1)) == ["RecordMissing"]
        creation = replace(a_record(None, APPROVER, -900, version=3, content=CONTENT), creates=True)
        assert codes(self.found(creation, creator=None)) == ["FourEyes"]

    def test_is_nothing_where_the_rules_dont_say_so(self) -> None:
        package = replace(a_package(), creator=APPROVER)
        assert stages(entitled(APPROVAL, package=package)) == ["prod"]
