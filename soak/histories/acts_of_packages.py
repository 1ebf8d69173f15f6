"""What people do to packages and their groups: every public method is one kind of action."""

from __future__ import annotations

from soak.histories.events import Kind
from soak.histories.packages import Package
from soak.histories.steps import ARRIVES, MINUTES_S, Steps, plan


class PackageActions(Steps):
    """Those about packages, which Bedrock imports some of."""

    def registers_a_package(self, n: int, who: str, status: str, pause: int) -> None:
        """Somebody registers a version."""
        package = self.packages[n % len(self.packages)]
        if not package.group_history.exists:
            self.step("group made again", MINUTES_S, lambda: package.make_group("owner"), package)
        self.step("package registered", pause, lambda: package.register(who, status), package)

    def sets_a_package(self, n: int, status: str, pause: int, fate: str = ARRIVES) -> None:
        """Its owner sets a status."""
        package = self.package_of(n)
        plan(package, Kind.CHANGE, fate)
        self.step("package's status set", pause, lambda: package.set("owner", status), package)

    def approves_a_package(self, n: int, pause: int, fate: str = ARRIVES) -> None:
        """An approver approves it."""
        package = self.package_of(n)
        plan(package, Kind.RECORD, fate)
        self.step("package approved by an approver", pause, lambda: package.set("approver", "Approved"), package)

    def approves_a_package_wrongly(self, n: int, who: str, pause: int) -> None:
        """Somebody approves it who may not, or who has registered it."""
        package = self.package_of(n)
        self.step("package approved by somebody else", pause, lambda: package.set(who, "Approved"), package)

    def writes_bytes_anew(self, n: int, pause: int) -> None:
        """Somebody writes what lies at its address."""
        package = self.package_of(n)
        self.step("bytes written anew", pause, package.overwrite, package)

    def deletes_a_package(self, n: int, pause: int, fate: str = ARRIVES) -> None:
        """Its owner deletes it."""
        package = self.package_of(n)
        plan(package, Kind.CHANGE, fate)
        self.step("package deleted", pause, lambda: package.delete("owner"), package)

    def deletes_a_group(self, n: int, pause: int) -> None:
        """Its owner deletes a version and then its group."""
        package = self.package_of(n)

        def act() -> None:
            package.delete("owner")
            package.delete_group("owner")

        self.step("group deleted", pause, act, package)

    def somebody_deletes_the_model(self, n: int, pause: int, *, and_sweeps: bool) -> None:
        """Somebody deletes its model in Bedrock."""
        package = self.imported_of(n)

        def act() -> None:
            package.lose_model()
            if and_sweeps:
                self.sweep()

        self.step("imported model deleted", pause, act, *(self.packages if and_sweeps else [package]))

    def imported_of(self, number: int) -> Package:
        """One that Bedrock can import, and has imported where its approval counts."""
        weights = [each for each, package in enumerate(self.packages) if package.is_weights]
        package = self.package_of(weights[number % len(weights)] if weights else number)
        if package.is_weights and not package.seen.get("hosting"):
            self.approves_a_package(self.packages.index(package), MINUTES_S, "arrives")
        return package
