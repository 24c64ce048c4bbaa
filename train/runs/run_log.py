"""Write the log of a run: a CSV for people and programs, TensorBoard events beside it."""

import time
from collections.abc import Mapping
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from artasyn.data_manifests.files import append_text, write_csv
from artasyn.train.runs.read_log import read_log
from artasyn.train.runs.run_folder import RunFolder

__all__ = ["RunLog"]

TIMES = ("seconds", "images_per_second", "share_waiting")
"""Columns that differ between two runs of the same numbers."""


class RunLog:
    """Append one line at a time; starting again at a step forgets the lines after it."""

    def __init__(self, folder: RunFolder, columns: tuple[str, ...], *, step: int) -> None:
        self.columns, self._path = ("step", *columns, *TIMES), folder.log
        kept = [row for row in read_log(folder.log) if row["step"] <= step] if folder.log.exists() else []
        write_csv(self._path, [self.columns, *([_text(row.get(c)) for c in self.columns] for row in kept)])
        self._events = _Events(folder.tensorboard, step=step)

    def add(self, row: Mapping[str, float]) -> None:
        """Write one line and one TensorBoard event; columns not in `row` stay empty."""
        append_text(self._path, ",".join(_text(row.get(c)) for c in self.columns) + "\n")
        self._events.add(int(row["step"]), {k: v for k, v in row.items() if k != "step"})


def _text(value: float | None) -> str:
    """Return the shortest text that reads back as the same number."""
    if value is None:
        return ""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))


class _Events:
    """Write TensorBoard's event file: its own writer would put the machine's name into the file's name."""

    def __init__(self, folder: Path, *, step: int) -> None:
        self._path = folder / f"events.out.tfevents.{step:010d}.artasyn"
        self._path.write_bytes(b"")
        self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))
        # Tells TensorBoard to forget what an earlier start logged after this step.
        self._write(Event(wall_time=time.time(), step=step, session_log=SessionLog(status=SessionLog.START)))

    def add(self, step: int, values: Mapping[str, float]) -> None:
        scalars = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._write(Event(wall_time=time.time(), step=step, summary=Summary(value=scalars)))

    def _write(self, event: Event) -> None:
        with self._path.open("ab") as file:
            RecordWriter(file).write(event.SerializeToString())
