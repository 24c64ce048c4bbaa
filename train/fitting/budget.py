"""How much of a training's budget is spent, the same in all processes."""

from artasyn.train.fitting.meters import Clock
from artasyn.train.optim.schedule import ScheduleConfig
from artasyn.train.runtime.distributed import Processes

__all__ = ["Budget"]


class Budget:
    """Steps, or minutes by the leading process's clock."""

    def __init__(self, schedule: ScheduleConfig, processes: Processes, clock: Clock, *, every: int) -> None:
        """Let several processes agree on the time `every` so many steps: to agree is to wait for the device."""
        self._schedule, self._processes, self._clock, self._every = schedule, processes, clock, every
        self._agreed: float | None = None

    def share(self, step: int) -> float:
        """Return the share that is spent before this step, in [0, 1] or above."""
        if self._schedule.steps:
            return step / self._schedule.steps
        if self._agreed is None or self._processes.world == 1 or step % self._every == 0:
            self._agreed = self._processes.agree(self._clock.seconds() / (60 * self._schedule.minutes))
        return self._agreed
