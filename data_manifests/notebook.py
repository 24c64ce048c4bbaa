"""How things show themselves in a notebook: a small table of facts, and pictures where there are some."""

import html
from collections.abc import Mapping, Sequence

__all__ = ["facts_html"]


def facts_html(title: str, facts: Mapping[str, object], *, pictures: Sequence[tuple[str, str]] = ()) -> str:
    """Return an HTML fragment: title, pictures (caption, data URI) side by side, one line a fact; all text escaped."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
        f"<td style='text-align:left'>{html.escape(str(fact))}</td></tr>"
        for name, fact in facts.items()
    )
    figures = "".join(
        f"<figure style='display:inline-block;margin:0 8px 8px 0'>"
        f"<img src='{html.escape(uri, quote=True)}' alt='{html.escape(caption, quote=True)}' width='220'>"
        f"<figcaption>{html.escape(caption)}</figcaption></figure>"
        for caption, uri in pictures
    )
    return f"<div><b>{html.escape(title)}</b><div>{figures}</div><table>{rows}</table></div>"
