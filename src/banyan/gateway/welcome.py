"""The page at ``/``: what this house serves and how to ask it. Nothing in it needs a token."""

from __future__ import annotations

from collections.abc import Set
from html import escape

from banyan.tmf.apis import API

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --accent: #1b7f5c; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.5rem; max-width: 60rem; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h1::before { content: "🌳 "; }
p { margin: .25rem 0 1rem; }
pre { padding: .75rem; border: 1px solid var(--line); border-radius: .5rem; overflow-x: auto; }
ul { list-style: none; padding: 0; display: grid; gap: .75rem;
     grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); }
li { border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: .5rem;
     padding: .75rem; overflow-wrap: anywhere; }
li b { display: block; } code { font-size: .85em; }
"""


def welcome_page(apis: Set[str]) -> str:
    """The page for the APIs served here."""
    cards = []
    for name in sorted(apis):
        api = API[name]
        bases = [api.version(generation).base_path for generation in api.generations]
        paths = "<br>".join(f"<code>{escape(base)}</code>" for base in bases)
        cards.append(f"<li><b>{escape(name)} {escape(api.title)}</b>{paths}</li>")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Banyan</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{_STYLE}</style></head><body>
<h1>Banyan</h1>
<p>One platform for the network and the business of a telecom operator. This house serves:</p>
<ul>{"".join(cards)}</ul>
<p>Every call needs a token; each API's own document is at <code>…/openapi.json</code> below its
path:</p>
<pre>curl -H "Authorization: Bearer $(cat banyan-data/admin.token)" \\
     "$URL/tmf-api/productCatalogManagement/v5/productOffering"</pre>
<p>Health: <a href="/healthz"><code>/healthz</code></a></p>
</body></html>
"""
