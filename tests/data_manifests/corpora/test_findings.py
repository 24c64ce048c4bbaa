"""Laws of boxes and of masks by finding: named ones keep their names from the corpus to the store."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image

from artasyn.data_manifests.corpora.corpus import open_corpus
from artasyn.data_manifests.corpora.radiograph import Box
from artasyn.data_manifests.errors import ConfigError, CorpusError
from artasyn.data_manifests.images.run_lengths import decode_runs, encode_runs
from artasyn.synth.build.evaluation_study import make_evaluation_study
from artasyn.synth.build.study import Recipe
from artasyn.synth.config import SynthConfig
from artasyn.synth.sources.source import open_source

MANIFEST = """
name = "named"
[[sources]]
files = '(?P<id>[a-z]+)\\.png'
label = "abnormal"
boxes = { table = "boxes.csv", key = "{id}", columns = ["x", "y", "w", "h"], finding = "{what}" }
segments = { file = "segments.json", key = "{id}", findings = ["Edema", "Lung Lesion"] }
"""


def corpus_of(folder: Path) -> str:
    Image.fromarray(np.arange(1600).reshape(40, 40).astype(np.uint8)).save(folder / "a.png")
    (folder / "boxes.csv").write_text("id,what,x,y,w,h\na,Mass,4,8,12,16\na,,0,0,2,2\n")
    counts = {"Edema": "1d0", "Lung Lesion": "0d0"}
    entries = {"a": {name: {"size": [40, 40], "counts": text} for name, text in counts.items()}}
    (folder / "segments.json").write_text(json.dumps(entries))
    (folder / "named.toml").write_text(MANIFEST)
    return str(folder / "named.toml")


@given(arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=7)))
def test_run_lengths_go_round(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(decode_runs(encode_runs(mask), mask.shape), mask)


def test_boxes_and_masks_of_a_finding_reach_the_store_under_its_name(tmp_path: Path) -> None:
    source = open_source(corpus_of(tmp_path))
    (radiograph,) = source.radiographs
    assert radiograph.boxes == (Box(4, 8, 12, 16, "Mass"), Box(0, 0, 2, 2))
    recipe = Recipe(source=source, config=SynthConfig(size=32), seed=0)
    (row,) = make_evaluation_study(radiograph, 0, recipe).rows
    assert json.loads(row.boxes) == [[3.2, 6.4, 9.6, 12.8, "Mass"], [0, 0, 1.6, 1.6]]
    masks = json.loads(row.record)["findings"]
    assert sorted(masks) == ["Edema", "Lung Lesion"]
    whole = source.read_mask(radiograph)
    parts = source.read_findings(radiograph)
    assert whole is not None
    np.testing.assert_array_equal(whole, parts["Edema"] | parts["Lung Lesion"])
    assert parts["Edema"].T.ravel().nonzero()[0].tolist() == list(range(1, 21))
    assert decode_runs(masks["Edema"], (32, 32)).any()


def test_a_csv_may_hold_boxes_as_json(tmp_path: Path) -> None:
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "a.png")
    path = tmp_path / "list.csv"
    path.write_text('file,label,boxes\na.png,ill,"[[1, 2, 3, 4, ""reader""], [5, 5, 1, 1]]"\n')
    (radiograph,) = open_corpus(str(path)).radiographs
    assert radiograph.boxes == (Box(1, 2, 3, 4), Box(5, 5, 1, 1))
    assert "boxes" not in radiograph.attributes
    path.write_text('file,label,boxes\na.png,ill,"[[1, 2, 3]]"\n')
    with pytest.raises(CorpusError, match="not four numbers"):
        open_corpus(str(path))


def test_two_columns_make_no_box(tmp_path: Path) -> None:
    text = MANIFEST.replace('["x", "y", "w", "h"]', '["x", "y"]')
    Path(corpus_of(tmp_path)).write_text(text)
    with pytest.raises(ConfigError, match="four columns, or one of JSON, got 2"):
        open_corpus(str(tmp_path / "named.toml"))
