# %% [markdown]
# # A tour of artasyn
#
# Open this file in VS Code or Jupyter (with jupytext) as a notebook, or run it: `python docs/tour.py`. Everything
# runs on phantoms, chest radiographs that the program draws. It writes into the folder `tour`.

# %%
import subprocess
from pathlib import Path

import numpy as np
from PIL import Image

import artasyn

folder = Path("tour")
folder.mkdir(exist_ok=True)
minutes = 1.0

# %% [markdown]
# ## Phantoms
#
# The commands make a small version of a store. We take a normal image from it.

# %%
size = "256"
for verb, source in (("build", "phantom:60"), ("ingest", "phantom:20")):
    store = str(folder / "stores" / verb)
    subprocess.run(["artasyn-synth", verb, source, store, "--size", size, "--workers", "0"], check=True)

version = artasyn.open_version(str(folder / "stores" / "build"))
version

# %% [markdown]
# ## Find the lungs, paint an opacity
#
# `labels` is 1 in the patient's right lung, 2 in the left, else 0. The opacity follows from the generator alone.

# %%
rows = version.rows(status="ok", split="val")
image = version.read(int(rows[0]), channels=("image",))[0]
lungs = artasyn.segment_lungs(image)
opacity = artasyn.synthesize(image, lungs.labels, rng=np.random.default_rng(0))
print(
    f"lungs: quality {lungs.quality:.2f}; opacity: {100 * opacity.mask.mean():.1f} % of the image changed visibly"
)
Image.fromarray(np.hstack([image, opacity.altered, 255 * opacity.mask, 255 * opacity.outline]))

# %% [markdown]
# ## Data sets for a training loop of your own
#
# One reads the version, the other paints new opacities in each epoch.

# %%
pairs = artasyn.StoreDataset(version, channels=("altered", "mask"), split="train")
fresh = artasyn.OpacityDataset([image], seed=0)
fresh.set_epoch(1)
print(len(pairs), "pairs in the version;", "new opacity of epoch 1:", int(fresh[0]["mask"].sum()), "pixels")

# %% [markdown]
# ## Train a minute
#
# The thresholds that come back are frozen: chosen on images held out in training.

# %%
run = folder / "run"
if not (run / "thresholds.json").exists():
    artasyn.fit(str(folder / "stores" / "build"), run, minutes=minutes)
predictor = artasyn.Predictor.load(run)
predictor.run

# %% [markdown]
# ## Predict on a phantom with lesions
#
# It was drawn by another routine than the opacities, and never trained on.

# %%
test = artasyn.open_version(str(folder / "stores" / "ingest"))
ill = test.rows(status="ok", label="abnormal")
prediction = predictor.predict_array(test.read(int(ill[0]), channels=("image",))[0])
print(f"score {prediction.score:.3f}, {100 * prediction.mask.mean():.1f} % of the image marked")
prediction

# %% [markdown]
# ## Plot many scores
#
# Normal phantoms left, those with lesions right.

# %%
import matplotlib.pyplot as plt  # noqa: E402

scores = {
    label: [
        predictor.predict_array(test.read(int(row), channels=("image",))[0]).score
        for row in test.rows(status="ok", label=label)
    ]
    for label in ("normal", "abnormal")
}
figure, axis = plt.subplots()
axis.boxplot(list(scores.values()))
axis.set_xticks([1, 2], list(scores))
axis.axhline(predictor.run.thresholds.image, linestyle=":", label="frozen threshold")
axis.set(ylabel="image score", title="Phantoms that were never trained on")
axis.legend()
figure.savefig(folder / "scores.png")
