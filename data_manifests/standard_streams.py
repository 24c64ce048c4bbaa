"""Standard input, output and error, which whoever starts a program may have closed."""

import os
import sys

__all__ = ["open_closed_streams"]


def open_closed_streams() -> None:
    """Join those that are closed to the null device, as a shell does with `>/dev/null`.

    Else the next file that is opened has their number, and whatever a library prints gets into it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: the closed one
            os.set_inheritable(descriptor, True)  # worker processes print too
            setattr(sys, name, os.fdopen(descriptor, mode))
