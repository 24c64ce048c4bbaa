"""What a version says of itself: what it holds, what it was made from, by whom and when."""

import json
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from data_manifests.config import config_to_dict
from data_manifests.draft import Draft
from data_manifests.errors import StoreError
from synth.plan import Plan

__all__ = ["attributes_of", "create_tag"]

NOTICE = "Research data, not for diagnosis. Patient identifiers are never stored, only a salted hash."


def attributes_of(plan: Plan, *, command: Sequence[str], seconds: float) -> dict[str, Any]:
    """Return the attributes of the version, JSON values only."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {
        "kind": plan.kind,
        "notice": NOTICE,
        "corpus": plan.corpus,
        "selection": config_to_dict(plan.selection),
        "config": config_to_dict(plan.recipe.config),
        "seed": plan.recipe.seed,
        "ingredients": plan.ingredients,
        "provenance": {
            "created": now,
            "command": list(command),
            "seconds": round(seconds, 1),
            "python": platform.python_version(),
            "platform": platform.platform(terse=True),
        },
    }


def create_tag(draft: Draft, tag: str) -> None:
    """Give the version a human name, once. Raises StoreError when the name belongs to another version."""
    key = f"tags/{tag}.json"
    if draft.blobs.create(key, json.dumps({"version": draft.id}).encode()):
        return
    owner = json.loads(draft.blobs.read(key))["version"]
    if owner != draft.id:
        remedy = "tags never move: choose another name"
        raise StoreError(f"{draft.blobs.location}@{tag}", f"already names version {owner[:12]}", remedy)
