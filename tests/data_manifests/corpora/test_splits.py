"""Laws of splits: patients stay together, the share is kept, and no hash tells who they are."""

import numpy as np

from artasyn.data_manifests.corpora.splits import holdout, patient_hash


def test_holdout_keeps_patients_together_and_its_share() -> None:
    chosen = [holdout(f"patient{i}", share=0.1, salt="0") for i in range(20_000)]
    assert abs(np.mean(chosen) - 0.1) < 0.01
    assert chosen == [holdout(f"patient{i}", share=0.1, salt="0") for i in range(20_000)]
    assert chosen != [holdout(f"patient{i}", share=0.1, salt="1") for i in range(20_000)]
    assert not holdout("x", share=0.0, salt="")
    assert holdout("x", share=1.0, salt="")


def test_patient_hashes_differ_by_corpus_and_hide_the_id() -> None:
    assert patient_hash("12", salt="a") != patient_hash("12", salt="b")
    assert len(patient_hash("12", salt="a")) == 16
    assert patient_hash("", salt="a") == ""
