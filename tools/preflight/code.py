"""How large the code is, what it is by its digests, and whether what came from elsewhere is locked by hash."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stagegate_cli.checks import Check, largest

CODE = 262_144_000
"""Bytes of a function with its layers, unzipped ("Lambda quotas")."""
DEFINITION = 1_048_576
"""Characters of a state machine's definition ("Step Functions quotas")."""
_KEYS = ("CodeUri", "ContentUri", "DefinitionUri", "DefinitionS3Location")


def places(template: Mapping[str, Any], built: Path, checkout: Path) -> dict[str, Path]:
    """Return where the code of each resource lies: beside what was built, or in the checkout."""
    found = {}
    for name, resource in template["Resources"].items():
        for key in _KEYS:
            if isinstance(place := resource.get("Properties", {}).get(key), str):
                beside = built / place
                found[name] = beside if beside.exists() else checkout / place
    return found


def of_code(template: Mapping[str, Any], where: Mapping[str, Path]) -> Iterator[Check]:
    """Yield the checks of the functions' and the definitions' sizes."""
    shared = template.get("Globals", {}).get("Function", {}).get("Layers", [])
    functions, definitions = {}, {}
    for name, resource in template["Resources"].items():
        of = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            layers = [each["Ref"] for each in [*shared, *of.get("Layers", [])]]
            functions[name] = sum(_size(where[each]) for each in (name, *layers))
        elif resource["Type"] == "AWS::StepFunctions::StateMachine":
            definitions[name] = len(where[name].read_text(encoding="utf-8"))
    yield largest("governance: a function with its layers", functions, CODE, "bytes")
    yield largest("governance: definition of a state machine", definitions, DEFINITION, "characters")


def of_lock(name: str, text: str) -> Check:
    """Return the check that every package that is deployed is locked to one version by its hash."""
    logical = re.sub(r"\\\n", " ", text).splitlines()
    packages = [line.strip() for line in logical if line.strip() and not line.lstrip().startswith("#")]
    problems = tuple(
        f"{name}: found {line.split()[0]}; allowed: NAME==VERSION with --hash=sha256:…"
        for line in packages
        if not re.match(r"\S+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    )
    return Check("packages from elsewhere", f"{len(packages)} packages", "each by version and hash", problems)


def digests(where: Mapping[str, Path]) -> Iterator[str]:
    """Yield what is deployed, by the first digits of SHA-256: equal for equal files, whoever built them."""
    for name, path in sorted(where.items()):
        yield f"{digest(path)}  {name}"


def digest(path: Path) -> str:
    """Return the digest of a file, or of all files of a folder with their names."""
    found = hashlib.sha256()
    for each in _files(path):
        found.update(str(each.relative_to(path)).encode() + b"\0" + hashlib.sha256(each.read_bytes()).digest())
    return found.hexdigest()[:16]


def texts(where: Mapping[str, Path]) -> dict[str, str]:
    """Return the text of every file of ours that is deployed; what comes from elsewhere is locked by its hash."""
    return {
        f"{name}/{each.relative_to(path)}" if path.is_dir() else name: each.read_text(encoding="utf-8")
        for name, path in where.items()
        if name != "DependenciesLayer"
        for each in _files(path)
        if each.suffix in (".json", ".py", ".toml", ".yaml")
    }


def _size(path: Path) -> int:
    return sum(each.stat().st_size for each in _files(path))


def _files(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(each for each in path.rglob("*") if each.is_file())
