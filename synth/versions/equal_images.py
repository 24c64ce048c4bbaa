"""Say which images of a version have the same pixels: copies count twice, and copies of two labels contradict."""

from collections import defaultdict
from collections.abc import Mapping

from artasyn.data_manifests.corpora.understood import counted
from artasyn.data_manifests.store.version import Version

__all__ = ["equal_images"]

EXAMPLES = 3


def equal_images(version: Version) -> list[str]:
    """Return lines that count copies among the images that are used, with examples; those of two labels first."""
    table = version.table
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in version.rows(status="ok"):
        found[str(table["pixels_sha256"][row])][str(table["image_id"][row])] = str(table["label"][row])
    copies = [names for pixels, names in found.items() if pixels and len(names) > 1]
    if not copies:
        return []
    apart = [names for names in copies if len(set(names.values())) > 1]
    more = sum(len(names) - 1 for names in copies)
    said = f", {counted(len(apart), 'image')} of them under several labels" if apart else ""
    shown = sorted(copies, key=lambda names: names not in apart)[:EXAMPLES]
    return [
        f"  equal  {counted(more, 'image')} with the pixels of another{said}",
        *(f"         {_line(names)}" for names in shown),
    ]


def _line(names: Mapping[str, str]) -> str:
    """Return a few of the images that are equal, one of each label first, and how many more there are."""
    first = {label: name for name, label in sorted(names.items(), reverse=True)}
    ordered = sorted(names.items(), key=lambda item: (first[item[1]] != item[0], item))
    told = " = ".join(f"{name} ({label})" if label else name for name, label in ordered[:EXAMPLES])
    return told + (f", and {len(names) - EXAMPLES} more" if len(names) > EXAMPLES else "")
