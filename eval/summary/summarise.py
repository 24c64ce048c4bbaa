"""Add up the journal into the report: every figure, its interval, the baselines, what was left out and why."""

from dataclasses import dataclass
from typing import Any

from artasyn.data_manifests.config import config_to_dict
from artasyn.data_manifests.near_duplicates import Leakage
from artasyn.data_manifests.store.references import list_tags
from artasyn.data_manifests.store.version import Version
from artasyn.eval.inference import run_digest
from artasyn.eval.metrics.bootstrap import Bootstrap, count_groups
from artasyn.eval.metrics.published_protocol import published_figures
from artasyn.eval.scoring.config import ScoreConfig, options_of
from artasyn.eval.scoring.image_statistics import MASKS, SCORES
from artasyn.eval.scoring.pixel_pool import Pooled
from artasyn.eval.scoring.recalibrate import PlaceThresholds
from artasyn.eval.scoring.results import ScoredImages
from artasyn.eval.summary.boxes import box_level, filled_boxes, froc_curve
from artasyn.eval.summary.by_finding import by_finding
from artasyn.eval.summary.cautions import cautions
from artasyn.eval.summary.conventions import BOX_RULES, conventions
from artasyn.eval.summary.curves import calibration, precision_recall, roc, thresholds
from artasyn.eval.summary.estimates import (
    Figures,
    at_threshold,
    image_level,
    on_normals,
    overlap,
    pixel_ranking,
)
from artasyn.eval.summary.operating_points import confusion, operating_points, recalibrated
from artasyn.eval.summary.severity import severity
from artasyn.eval.summary.shift import shift
from artasyn.eval.summary.subgroups import by_attribute, by_lesion_size
from artasyn.train.runs.run import Run

__all__ = ["NOTICE", "Subject", "summarise"]

NOTICE = "Research tool. Not a medical device, not for diagnosis."

Report = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was scored on what."""

    run: Run
    version: Version
    leakage: Leakage
    bootstrap: Bootstrap
    place: PlaceThresholds | None = None
    """Thresholds learnt from images of the place, where that was asked for."""


def summarise(table: ScoredImages, subject: Subject, config: ScoreConfig) -> Report:
    """Return the whole report as JSON values; equal inputs give equal bytes."""
    pooled, pixel_only, official = table.pooled, config.pixel_only, config.protocol != "artasyn"
    report: Report = {"notice": NOTICE, "protocol": "official-compat" if official else "artasyn"}
    report |= {"run": _run(subject.run), "store": _store(subject.version), "images": _images(table)}
    report["options"] = options_of(config)
    report["leakage"] = {key: len(getattr(subject.leakage, key)) for key in ("exact", "near")}
    report["bootstrap"] = config_to_dict(subject.bootstrap)
    report["refused"] = _refused(table, pixel_only)
    report["image_level"] = {} if pixel_only else _image_level(table, subject.run)
    report["pixel_level"] = _pixel_level(table, pooled) if pooled else {}
    report["on_normals"] = _on_normals(table)
    report["box_level"] = _box_level(table)
    report["verdicts"] = {} if pixel_only else confusion(table, subject.run.thresholds.image)
    report["operating_points"] = operating_points(table, subject.run.thresholds, pixel_only=pixel_only)
    if subject.place:
        report["recalibrated"] = recalibrated(
            table, subject.run.thresholds, subject.place, pixel_only=pixel_only
        )
    if config.severity:
        report["severity"] = [severity(table, column) for column in config.severity]
    report["shift"] = shift(table, subject.run.thresholds) if not pixel_only else {}
    report["by_finding"] = by_finding(table)
    report["by_lesion_size"] = by_lesion_size(table) if pooled else []
    report["by_attribute"] = by_attribute(table)
    report["curves"] = _curves(table, pooled, pixel_only)
    report["cautions"] = cautions(report, subject.run.thresholds)
    if official:
        report["official_compat"] = published_figures(table.official, table.cases.abnormal)
    return report | {"conventions": conventions(report)}


def _image_level(table: ScoredImages, run: Run) -> Report:
    ranked = {name: image_level(table, name) for name in SCORES}
    ranked["run"] |= at_threshold(table, run.thresholds.image)
    return {name: _plain(figures) for name, figures in ranked.items()}


def _pixel_level(table: ScoredImages, pooled: dict[str, Pooled]) -> Report:
    annotated = table.cases.annotated
    masks = [name for name in MASKS if (table.available(name) & annotated).any()]
    marked = {
        name: {"images": int((table.available(name) & annotated).sum())} | _plain(overlap(table, name))
        for name in masks
    }
    normal = count_groups(table.weights[:, ~table.cases.abnormal])
    ranked = {name: _plain(pixel_ranking(sums, normal_groups=normal)) for name, sums in pooled.items()}
    return {name: marked.get(name, {}) | ranked.get(name, {}) for name in dict.fromkeys((*marked, *ranked))}


def _on_normals(table: ScoredImages) -> Report:
    if table.cases.abnormal.all():
        return {}
    masks = [name for name in MASKS if (table.available(name) & ~table.cases.abnormal).any()]
    return {name: _plain(on_normals(table, name)) for name in masks}


def _box_level(table: ScoredImages) -> Report:
    if not table.cases.boxed.any():
        return {}
    filled = {name: _plain(figures) for name, figures in filled_boxes(table).items()}
    return {
        "boxes": int(table.boxes[table.cases.boxed, 0].sum()),
        "images": int(table.cases.boxed.sum()),
        "run": _plain(box_level(table)),
        "filled": filled,
        "rules": BOX_RULES,
    }


def _curves(table: ScoredImages, pooled: dict[str, Pooled], pixel_only: bool) -> Report:
    curves: Report = {}
    if not pixel_only:
        curves["roc"] = {name: roc(table, name) for name in SCORES}
        curves["precision_recall"] = {name: precision_recall(table, name) for name in SCORES}
        curves["calibration"] = calibration(table)
    if pooled:
        curves["thresholds"] = thresholds(pooled["run"])
    if table.cases.boxed.any():
        curves["froc"] = froc_curve(table)
    return curves


def _images(table: ScoredImages) -> Report:
    cases = table.cases
    abnormal, annotated = int(cases.abnormal.sum()), int(cases.annotated.sum())
    return {
        "scored": len(cases),
        "normal": len(cases) - abnormal,
        "abnormal": abnormal,
        "prevalence": round(abnormal / len(cases), 6),
        "annotated": annotated,
        "boxed": int(cases.boxed.sum()),
        "annotated_but_empty": int((table.areas[cases.annotated, 2] == 0).sum()),
        "with_lungs": int(table.has_lungs.sum()),
        "with_human_lungs": int(table.available("human_lungs").sum()),
        "patients_known": sum(bool(patient) for patient in cases.patients),
        "left_out": cases.left_out,
    }


def _refused(table: ScoredImages, pixel_only: bool) -> list[str]:
    """Name the figures that this store cannot give."""
    cases, refused = table.cases, []
    unmarked = int((cases.abnormal & ~cases.annotated).sum())
    if not cases.annotated.any():
        refused.append("Pixel level against masks: no abnormal image has one.")
    elif unmarked:
        refused.append(f"Pixel level of {unmarked} abnormal images: they have no mask.")
    if pixel_only:
        refused.append("Image level: left out on request.")
    if not table.has_lungs.any():
        refused.append("Lung baselines and lesion size: the store knows no lungs.")
    return refused


def _run(run: Run) -> Report:
    return {
        "name": run.path.name,
        "digest": run_digest(run),
        "network": run.config.network.name,
        "heads": list(run.config.network.heads),
        "size": run.size,
        "map_size": run.size // run.network.shrink,
        "image_score": run.config.score.in_words(),
        "pretrained": run.pretrained,
        "thresholds": config_to_dict(run.thresholds),
        "trained_on": [
            {key: store[key] for key in ("name", "id", "digest")}
            | {"unlabelled": store.get("unlabelled", False)}
            for store in run.stores
        ],
    }


def _store(version: Version) -> Report:
    location = version.blobs.location.rstrip("/").rpartition("/")[2]
    tags = sorted(tag for tag, target in list_tags(version.blobs).items() if target == version.id)
    return {"name": "@".join([location, *tags[:1]]), "id": version.id} | {
        key: version.attributes[key] for key in ("kind", "size", "digest")
    }


def _plain(figures: Figures) -> Report:
    return {name: draws.to_dict() for name, draws in figures.items()}
