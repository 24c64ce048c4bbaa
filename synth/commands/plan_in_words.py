"""What a build will do, in words: what goes in, what comes out, and what it will likely take."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artasyn.synth.build.plan import Plan

__all__ = ["describe_cost", "describe_plan"]


def describe_plan(plan: "Plan", store: str) -> str:
    """Return the plan as text: what goes in, what comes out, under which name."""
    shape, config = plan.shape, plan.recipe.config
    unusable, absent = shape.studies - plan.radiographs, plan.corpus.get("absent", [])
    aside = ", ".join(f"{count:,} {what}" for what, count in sorted(plan.left_aside.items()))
    lines = {
        "corpus": f"{plan.recipe.source.name}: {plan.radiographs} radiographs"
        + (f", and {unusable} entries that cannot be used" if unusable else ""),
        **plan.understood,
        **({"unusable": _reasons(plan)} if unusable else {}),
        **({"aside": aside} if aside else {}),
        **({"absent": "; ".join(absent)} if absent else {}),
        "version": f"{store}/{plan.version_id[:12]}... ({plan.kind}, seed {plan.recipe.seed})",
        "samples": f"up to {shape.rows} of {shape.size} x {shape.size} pixels ({config.squaring}), "
        f"{shape.shards} {'shard' if shape.shards == 1 else 'shards'}",
    }
    return "\n".join(f"{name:>9}  {text}" for name, text in lines.items())


def _reasons(plan: "Plan") -> str:
    """Say why entries cannot be used, with the first of each kind."""
    from artasyn.data_manifests.corpora.radiograph import Skipped

    said: dict[str, list[Skipped]] = {}
    for entry in plan.entries:
        if isinstance(entry, Skipped):
            said.setdefault(entry.reason, []).append(entry)
    return "; ".join(
        f"{len(found):,} {reason}, such as {found[0].image_id}: {found[0].message}"
        for reason, found in said.items()
    )


def describe_cost(plan: "Plan", processes: int) -> str:
    """Return what the build will likely take, measured on some of its radiographs."""
    from datetime import timedelta

    from artasyn.synth.build.estimate import estimate

    cost = estimate(plan)
    parallel = max(1, min(processes, plan.shape.shards))
    seconds = cost.seconds_per_study * plan.shape.studies / parallel
    nbytes = cost.bytes_per_study * plan.shape.studies
    duration = timedelta(seconds=1 + round(seconds))
    processes_used = f"{parallel} process{'es' * (parallel > 1)}"
    return (
        f"     cost  about {nbytes / 1e6:.3g} MB and {duration} with {processes_used},"
        f" estimated from {cost.studies} of the radiographs in one process on this machine"
    )
