"""The results as a page of one file: tables and bars, no outside address."""

import html
import json

from results import UNITS

STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: #1c2430; background: #fff }
h2 { margin-top: 2.2rem } h3 { margin: 1.4rem 0 .3rem; font-size: 1rem }
.bars { display: grid; grid-template-columns: minmax(9rem, 17rem) 1fr 11rem; gap: .25rem .8rem; align-items: center }
.bar { height: 1rem; border-radius: 3px; background: #9db4cf } .ours { background: #1f7a5c }
.figure { font-variant-numeric: tabular-nums; white-space: nowrap } .quiet { color: #667 }
@media (prefers-color-scheme: dark) { body { background: #14181f; color: #dde3ea } .bar { background: #46607e } .ours { background: #37a37f } .quiet { color: #9aa } }
"""


def figure(value):
    return f"{value:,.0f}" if value >= 1000 else f"{value:,.3g}"


def bars(table, metric):
    rows = [row for row in table["rows"] if metric in row["metrics"]]
    most = max(row["metrics"][metric]["median"] for row in rows) or 1
    own = table["limits"].get(metric)
    beside = f' <span class="quiet">× is the ratio to {html.escape(own)}</span>' if own else ""
    out = [f'<h3>{html.escape(UNITS[metric])}{beside}</h3><div class="bars">']
    for row in rows:
        one = row["metrics"][metric]
        ours = " ours" if row["who"].startswith("batchwright") else ""
        ratio = f' <span class="quiet">× {one["ratio"]:.2f}</span>' if one["ratio"] else ""
        spread = " / ".join(figure(value) for value in one["all"])
        out.append(f'<div>{html.escape(row["who"])}</div>'
                   f'<div class="bar{ours}" style="width:{max(0.5, 100 * one["median"] / most):.1f}%" title="{spread}"></div>'
                   f'<div class="figure">{figure(one["median"])}{ratio}</div>')
    return "".join(out) + "</div>"


def page(machine, tables, skipped):
    body = []
    for table in tables:
        body.append(f'<h2>{html.escape(table["section"])}: {html.escape(table["case"])}</h2>'
                    f'<p class="quiet">× is the ratio to {html.escape(table["limit"])}</p>')
        body.extend(bars(table, metric) for metric in table["metrics"])
    if skipped:
        body.append("<h2>Left out</h2><ul>" + "".join(
            f'<li>{html.escape(one["section"])}, {html.escape(one["who"])}: {html.escape(one["why"])}</li>'
            for one in skipped) + "</ul>")
    data = json.dumps({"machine": machine, "tables": tables, "skipped": skipped}).replace("</", "<\\/")
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Batchwright, measured</title>'
            f'<style>{STYLE}</style><h1>Batchwright, measured</h1><p>{html.escape(machine)}. Medians; point at a bar for all rounds.</p>'
            + "".join(body) + f'<script type="application/json" id="data">{data}</script></html>')
