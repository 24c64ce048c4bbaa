"""Make docs/reference/columns.md: the channels and columns of a version, from the contract of the store."""

import ast
import inspect
from itertools import pairwise

from artasyn.data_manifests.store import contract
from tools.recipe_reference import meanings

__all__ = ["columns_page"]

HEAD = """# Channels and columns

Made from the code by `make docs-reference`. A version's `samples` is an array (sample, channel, row, column) of 8 bits;
its `table` has one value a sample in each column. A sample is one image: a normal radiograph or a variant of one.
"""


def columns_page() -> str:
    """Return the page as Markdown."""
    said = meanings(contract.Row, shared=False)
    columns = [f"| `{name}` | {kind} | {said.get(name, '')} |" for name, kind in contract.COLUMNS]
    return "\n".join(
        [
            HEAD,
            "## Channels\n",
            "| channel | meaning |",
            "|---|---|",
            *_channels(),
            "\n## Columns of the table\n",
            "| column | type | meaning |",
            "|---|---|---|",
            *columns,
            "",
        ]
    )


def _channels() -> list[str]:
    """Return a row of the table for each channel, from the docstring under CHANNELS."""
    said: dict[str, str] = {}
    for line in _docstring_under("CHANNELS").splitlines():
        name, _, meaning = line.partition(" ")
        if name in contract.CHANNELS:
            said[name] = meaning.strip()
        elif said:
            said[next(reversed(said))] += f" {line.strip()}"
    return [f"| `{name}` | {said[name]} |" for name in contract.CHANNELS]


def _docstring_under(name: str) -> str:
    body = ast.parse(inspect.getsource(contract)).body
    for node, following in pairwise(body):
        if (
            isinstance(node, ast.Assign)
            and ast.unparse(node.targets[0]) == name
            and isinstance(following, ast.Expr)
        ):
            return inspect.cleandoc(str(ast.literal_eval(following.value)))
    raise LookupError(name)
