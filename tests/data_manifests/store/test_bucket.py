"""The same laws in a bucket: a real S3 protocol over HTTP on loopback."""

import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.store.blobs import FolderBlobs, open_blobs
from artasyn.data_manifests.store.version import open_version, read_attributes
from artasyn.synth.build.plan import make_plan
from artasyn.synth.build.selection import Selection
from artasyn.synth.build.shards import build_shards
from artasyn.synth.cli import main
from artasyn.synth.config import load_config

moto = pytest.importorskip("moto.server")
obstore = pytest.importorskip("obstore")
SIZE = 64
SHARD_PIXELS = 6 * SIZE * SIZE


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """Serve an empty bucket; the place and the keys come from the environment, as a user would give them."""
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    environment = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "us-east-1",
        "AWS_ALLOW_HTTP": "true",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr("artasyn.data_manifests.store.contract.SHARD_PIXELS", SHARD_PIXELS)
        make_bucket(environment["AWS_ENDPOINT_URL"], "radiographs")
        yield "s3://radiographs/stores/chest"
    server.stop()


def make_bucket(endpoint: str, name: str) -> None:
    request = urllib.request.Request(f"{endpoint}/{name}", method="PUT")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_every_command_works_in_a_bucket(bucket: str, tmp_path: Path) -> None:
    command = ("--size", str(SIZE), "--workers", "0")
    run("build", "phantom:4", bucket, *command, "--tag", "train")
    run("ingest", "phantom:2", bucket, *command, "--tag", "test")
    assert "exists already" in run("build", "phantom:4", bucket, *command)
    assert "train" in run("versions", bucket)
    assert "studies  4" in run("info", f"{bucket}@train")
    run("build", "phantom:4", str(tmp_path / "folder"), *command)
    assert "the contents are equal" in run("diff", f"{bucket}@train", str(tmp_path / "folder"))
    here, there = open_version(str(tmp_path / "folder")), open_version(f"{bucket}@train")
    for row in range(len(here)):
        np.testing.assert_array_equal(there.read(row), here.read(row))

    blobs, key = open_blobs(bucket), f"{there.id}/samples/c/1/0/0/0"
    sound = blobs.read(key)
    blobs.write(key, sound[:-1] + b"x")
    failed = CliRunner().invoke(main, ["verify", f"{bucket}@train"])
    assert failed.exit_code == 1
    assert "samples/c/1/0/0/0: differs" in failed.output
    run("verify", f"{bucket}@train", "--repair")
    assert blobs.read(key) == sound

    run("rm", f"{bucket}@train", "--yes")
    assert [line.split()[1] for line in run("versions", bucket).splitlines()] == ["test"]
    assert not list(blobs.keys(there.id))


def test_a_build_stopped_in_a_bucket_goes_on(bucket: str, tmp_path: Path) -> None:
    config = replace(load_config("default"), size=SIZE)
    plan = make_plan(Selection(corpus="phantom:5"), kind="synthetic", config=config, seed=7)
    digests = []
    for blobs in (open_blobs(bucket), FolderBlobs(str(tmp_path))):
        draft = plan.draft(blobs)
        for _ in build_shards(plan, draft):
            break
        assert len(draft.missing_shards()) == 4
        with pytest.raises(StoreError, match="is not a committed version"):
            read_attributes(blobs, plan.version_id)
        for _ in build_shards(plan, draft):
            pass
        digests.append(draft.commit({"kind": "synthetic"}))
    assert digests[0] == digests[1]


def test_create_only_writes_are_conditional_puts(bucket: str) -> None:
    blobs = open_blobs(bucket)
    assert blobs.create("tags/mine.json", b"first")
    assert not blobs.create("tags/mine.json", b"second")
    assert blobs.read("tags/mine.json") == b"first"
    blobs.delete("tags/mine.json")
    blobs.delete("tags/mine.json")
    with pytest.raises(FileNotFoundError):
        blobs.read("tags/mine.json")
    with pytest.raises(FileNotFoundError):
        blobs.read_range("tags/mine.json", -4, 4)


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("s3://nowhere/store", "the bucket refused: The specified bucket does not exist"),
        ("odd://bucket/store", "the bucket refused"),
    ],
)
def test_a_place_that_is_not_there_is_named(location: str, message: str, bucket: str) -> None:
    result = CliRunner().invoke(main, ["build", "phantom:2", location, "--size", str(SIZE), "--workers", "0"])
    assert bucket
    assert result.exit_code == 1
    assert message in result.output
    assert len(result.output.splitlines()[-1]) < 300


@pytest.mark.parametrize(("cuts", "told"), [(2, "body"), (20, "body error"), (1, "status code: 404")])
def test_an_answer_that_is_cut_off_is_asked_for_again(bucket: str, cuts: int, told: str) -> None:
    """obstore itself does not try again once an answer has begun."""
    blobs = open_blobs(f"{bucket}/cut")
    said = f"HTTP error: request or response {told}" if told != "body" else "response body error"
    left = [cuts]

    def read() -> bytes:
        if left[0]:
            left[0] -= 1
            raise obstore.exceptions.GenericError(said)
        return b"whole"

    if cuts == 2:
        assert blobs._tried(read) == b"whole"  # type: ignore[attr-defined]
    else:
        with pytest.raises(obstore.exceptions.GenericError):
            blobs._tried(read)  # type: ignore[attr-defined]
    assert left[0] == (0 if cuts < 20 else 10)
