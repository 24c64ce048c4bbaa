"""Let `python -m artasyn.train` and torchrun start the command."""

from artasyn.train.cli import main

if __name__ == "__main__":
    main(prog_name="artasyn-train")
