#!/usr/bin/env python3
"""Draws the dashboard's panels from a Prometheus server, without Grafana: render.py SERVER PICTURE [MINUTES]

Each panel's own queries are put to the server's HTTP API (query_range) for the last MINUTES, and what it
answers is drawn by matplotlib into one picture, SVG or PNG by its name. It is not Grafana's own drawing.
Exit status: 0 drawn, 1 a query has no answer, 2 it could not be asked."""

import json
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402


def main():
    server, picture = sys.argv[1:3]
    minutes = float(sys.argv[3]) if len(sys.argv) > 3 else 15
    dashboard = json.loads((Path(__file__).parent / "portolan.json").read_text())
    panels = dashboard["panels"]
    figure, axes = plt.subplots((len(panels) + 1) // 2, 2, figsize=(14, 3 * ((len(panels) + 1) // 2)))
    silent = []
    for panel, axis in zip(panels, axes.flat):
        series = 0
        for target in panel["targets"]:
            expression = target["expr"].replace('instance=~"$instance"', 'instance=~".*"')
            for result in ask(server, expression, minutes):
                points = [(float(at), float(value)) for at, value in result["values"]]
                label = legend(target["legendFormat"], result["metric"])
                axis.plot([at - time.time() for at, _ in points], [value for _, value in points], label=label)
                series += 1
        axis.set_title(f"{panel['title']} [{panel['fieldConfig']['defaults']['unit']}]", fontsize=10)
        axis.set_xlabel("seconds before now", fontsize=8)
        axis.set_ylim(bottom=0)
        if series:
            axis.legend(fontsize=7)
        else:
            axis.text(0.5, 0.5, "no data", ha="center", transform=axis.transAxes)
            silent.append(panel["title"])
    figure.tight_layout()
    figure.savefig(picture)
    for title in silent:
        print(f"render: no data: {title}", file=sys.stderr)
    sys.exit(1 if len(silent) == len(panels) else 0)


def ask(server, expression, minutes):
    now = time.time()
    query = {"query": expression, "start": now - 60 * minutes, "end": now, "step": max(1, minutes * 60 / 300)}
    try:
        with urllib.request.urlopen(f"{server}/api/v1/query_range?{urllib.parse.urlencode(query)}") as answer:
            return json.load(answer)["data"]["result"]
    except OSError as error:
        print(f"render: {server}: {error}", file=sys.stderr)
        sys.exit(2)


def legend(template, labels):
    for name, value in labels.items():
        template = template.replace("{{" + name + "}}", value)
    return template


main()
