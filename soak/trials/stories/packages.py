"""Versions of model packages."""

from __future__ import annotations

from soak.histories import judge
from soak.histories.packages import Package
from soak.histories.world import World
from soak.histories.wrong import WrongError
from soak.oracle.facts import Looked
from soak.trials.stories.story import Story


class _OfAPackage(Story):
    is_registered = is_approved = True

    def __init__(self, world: World, subject: str = "tried") -> None:
        super().__init__(world, subject)
        self.package = Package(world, f"soak-{subject}")

    @property
    def subject(self) -> str:
        return self.package.arn

    @property
    def judged(self) -> Package:
        return self.package

    def prepare(self) -> None:
        self.package.make_group("owner")
        self.rest_a_while()
        if self.is_registered:
            self.package.register("developer", "PendingManualApproval")
            self._is_judged()
        if self.is_registered and self.is_approved:
            self.package.set("approver", "Approved")
            self._is_judged()

    def _is_judged(self) -> None:
        self.rest_a_while()
        judge.package(self.world, self.package, judge.Counts())

    def wrong(self) -> str | None:
        history = self.package.history
        for change in history.changes:
            change.recorded = True
        history.looks.append(Looked(self.world.now(), full=True))
        try:
            judge.package(self.world, self.package, judge.Counts())
        except WrongError as wrong:
            return str(wrong)
        return self.what_is_wrong_of_all()


class Registration(_OfAPackage):
    """The training account registers a version."""

    name = "registration"
    is_registered = False

    def act(self) -> None:
        """Do what the story is about."""
        self.package.register("developer", "PendingManualApproval")


class Approval(_OfAPackage):
    """An approver approves it."""

    name = "package's approval"
    is_approved = False

    def act(self) -> None:
        """Do what the story is about."""
        self.package.set("approver", "Approved")


class Rejection(_OfAPackage):
    """An approver rejects what was approved."""

    name = "package's rejection"

    def act(self) -> None:
        """Do what the story is about."""
        self.package.set("approver", "Rejected")


class Deletion(_OfAPackage):
    """Its owner deletes what was approved."""

    name = "package's deletion"

    def act(self) -> None:
        """Do what the story is about."""
        self.package.delete("owner")


STORIES = (Registration, Approval, Rejection, Deletion)
