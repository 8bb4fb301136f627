"""The page at ``/``: what this house serves and how to ask it. Nothing in it needs a token."""

from __future__ import annotations

from collections.abc import Set
from html import escape

from banyan.tmf.apis import API

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""The page's Content-Security-Policy: it loads nothing and runs nothing."""

_MARK = (
    '<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M16 3a9 9 0 0 1 8 5 7 7 0 0 1-1 13h-4v8h'
    '-2v-8h-2v8h-2v-8H9A7 7 0 0 1 8 8a9 9 0 0 1 8-5z"/><path d="M7 22v7M25 22v7"/></svg>'
)
_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --leaf: #1b7f5c; }
@media (prefers-color-scheme: dark) { :root { --leaf: #4cc29a; } }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 2rem 1.25rem 3rem;
       max-width: 62rem; }
h1 { display: flex; align-items: center; gap: .6rem; font-size: 1.75rem; margin: 0; }
svg { width: 2rem; height: 2rem; fill: var(--leaf); stroke: var(--leaf); stroke-width: 1.5; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0 .75rem; } .end { margin-top: 1.25rem; } a { color: var(--leaf); }
code, pre { font: .85rem/1.6 ui-monospace, monospace; }
pre { margin: .5rem 0; padding: .75rem 1rem; border-radius: .5rem; background: var(--soft);
      overflow-x: auto; }
ul { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
li { display: grid; grid-template-columns: 4.5rem 17rem 1fr; gap: 0 1rem; padding: .6rem 0;
     border-bottom: 1px solid var(--line); align-items: baseline; }
li b { color: var(--leaf); } li code { display: block; overflow-wrap: anywhere; }
@media (max-width: 46rem) { li { grid-template-columns: 4.5rem 1fr; }
  li div { grid-column: 1 / -1; margin-top: .25rem; } li code { font-size: .78rem; } }
"""


def welcome_page(apis: Set[str], url: str) -> str:
    """The page for the APIs served here; ``url`` is the address the visitor came to."""
    rows = []
    for name in sorted(apis, key=lambda each: (not each.startswith("TMF"), each)):
        api = API[name]
        number = name if name.startswith("TMF") else "own"
        title = api.title.partition(" (")[0]
        bases = [api.version(generation).base_path for generation in api.generations]
        paths = "".join(f"<code>{escape(base)}</code>" for base in bases)
        shown = f"<b>{escape(number)}</b><span>{escape(title)}</span><div>{paths}</div>"
        rows.append(f'<li title="{escape(name)}">{shown}</li>')
    here = escape(url.rstrip("/"))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Banyan</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><style>{_STYLE}</style></head><body>
<h1>{_MARK}Banyan</h1>
<p>One platform for the network and the business of a telecom operator.</p>
<h2>Ask it</h2>
<p>Every call needs a token. The house said at its start where the administrator's is; <code>banyan
token</code> makes others.</p>
<pre>TOKEN=$(cat banyan-data/admin.token)    # demo: banyan-data/demo/admin.token
curl -H "Authorization: Bearer $TOKEN" \\
  {here}/tmf-api/productCatalogManagement/v5/productOffering</pre>
<h2>What it serves</h2>
<ul>{"".join(rows)}</ul>
<p class="end"><a href="/docs">Browse the APIs</a>. Each describes itself at
<code>openapi.json</code> below its path and takes subscriptions at <code>hub</code>. Generations 4
and 5 show the same records under the same ids.</p>
<p>Health: <a href="/healthz">/healthz</a></p>
</body></html>
"""
