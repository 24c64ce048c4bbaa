"""Let `python -m train` and torchrun start the command."""

from train.cli import main

if __name__ == "__main__":
    main(prog_name="artasyn-train")
