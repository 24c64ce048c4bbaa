"""Write the pages of docs/reference that are made from the code.

python -m tools.reference
"""

from pathlib import Path

from tools.columns_reference import columns_page
from tools.commands_reference import commands_page
from tools.python_reference import python_page
from tools.recipe_reference import reference

__all__ = ["FOLDER", "PAGES"]

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
PAGES = {
    "columns.md": columns_page,
    "commands.md": commands_page,
    "python.md": python_page,
    "recipe.md": reference,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
        print(FOLDER / name)
