"""What a version says of itself: what it holds, what it was made from, by whom and when."""

import json
import platform
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from artasyn.data_manifests.config import config_to_dict
from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.home_folder import expand_home
from artasyn.data_manifests.store.draft import Draft
from artasyn.data_manifests.store.references import read_tag, tag_key
from artasyn.synth.build.plan import Plan

__all__ = ["attributes_of", "check_tag", "create_tag"]

NOTICE = (
    "Research data, not for diagnosis. Of patient numbers only salted hashes are stored; image ids are paths below the "
    "corpus's folder as its publisher wrote them, and must not name persons."
)


def attributes_of(plan: Plan, *, command: Sequence[str], seconds: float) -> dict[str, Any]:
    """Return the attributes of the version, JSON values only."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "kind": plan.kind,
        "notice": NOTICE,
        "corpus": plan.corpus,
        "understood": dict(plan.understood),
        "left_aside": dict(plan.left_aside),
        "selection": _without_home(config_to_dict(plan.selection)),
        "config": config_to_dict(plan.recipe.config),
        "seed": plan.recipe.seed,
        "ingredients": plan.ingredients,
        "provenance": {
            "created": now,
            "command": [Path(name).name for name in command[:1]] + _without_home(list(command[1:])),
            "seconds": round(seconds, 1),
            "python": platform.python_version(),
            "platform": platform.platform(terse=True),
        },
    }


def _without_home(value: Any) -> Any:
    """Return JSON values with `~` in place of the home folder, which names its owner."""
    if isinstance(value, dict):
        return {key: _without_home(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_home(item) for item in value]
    home = expand_home("~")
    if not isinstance(value, str) or home in ("/", "~"):
        return value
    return re.sub(rf"{re.escape(home)}(?=/|$)", "~", value)


def create_tag(draft: Draft, tag: str) -> None:
    """Give the version a human name, once. Raises StoreError when the name belongs to another version."""
    if not draft.blobs.create(tag_key(tag), json.dumps({"version": draft.id}).encode()):
        check_tag(draft, tag)


def check_tag(draft: Draft, tag: str) -> None:
    """Raise StoreError when the name belongs to another version: better known before a long build than after."""
    try:
        owner = read_tag(draft.blobs, tag)
    except FileNotFoundError:
        return
    if owner != draft.id:
        remedy = "tags never move: choose another name"
        raise StoreError(f"{draft.blobs.location}@{tag}", f"already names version {owner[:12]}", remedy)
