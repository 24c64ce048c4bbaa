"""A version as a torch Dataset in a plain loop, in MONAI's loader and in Lightning."""

import pytest
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from artasyn.train.data.store_dataset import StoreDataset


def step(network: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    image, mask = batch["altered"][:, None].float() / 255, batch["mask"][:, None].float()
    return nn.functional.binary_cross_entropy_with_logits(network(image), (mask > 0).float())


def pairs(store: str) -> StoreDataset:
    return StoreDataset(store, channels=("altered", "mask"), split="train")


def test_a_plain_loop_learns(toy_store: str) -> None:
    network = nn.Conv2d(1, 1, 3, padding=1)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.1)
    losses = []
    for batch in list(DataLoader(pairs(toy_store), batch_size=4)) * 3:
        loss = step(network, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


@pytest.mark.filterwarnings("ignore")
def test_monai_loads_it(toy_store: str) -> None:
    monai = pytest.importorskip("monai.data")
    dataset = pairs(toy_store)
    batches = list(monai.DataLoader(monai.CacheDataset(dataset, progress=False), batch_size=4, num_workers=0))
    assert sum(len(batch["row"]) for batch in batches) == len(dataset)
    torch.testing.assert_close(torch.as_tensor(batches[0]["altered"][0]), dataset[0]["altered"])


@pytest.mark.filterwarnings("ignore")
def test_lightning_trains_on_it(toy_store: str) -> None:
    lightning = pytest.importorskip("lightning")

    class Module(lightning.LightningModule):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.network = nn.Conv2d(1, 1, 3, padding=1)

        def training_step(self, batch: dict[str, Tensor], _: int) -> Tensor:
            return step(self.network, batch)

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=0.1)

    quiet = {"logger": False, "enable_checkpointing": False, "enable_progress_bar": False}
    trainer = lightning.Trainer(max_steps=3, accelerator="cpu", enable_model_summary=False, **quiet)
    trainer.fit(Module(), DataLoader(pairs(toy_store), batch_size=4))
    assert trainer.global_step == 3
