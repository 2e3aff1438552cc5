"""Draws the first table of docs/benchmarks.md: ours / best peer, a bar for each range.

    python benches/peers/ratios.py            # needs matplotlib

A processor is a group of bars, a work a colour. Nothing is drawn for a dash.
"""

import pathlib
import re
import textwrap

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot, ticker

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#777777"]
WIDTH = 0.15  # of a bar, where groups are 1 apart
DOT = 0.006  # half the length of a range of one number


def first_table(page):
    """The cells of the first table: heading, then rows."""
    rows = []
    for line in page.splitlines():
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip("|").split("|")])
        elif rows:
            break
    return rows[0], rows[2:]


def main():
    heading, rows = first_table((ROOT / "docs/benchmarks.md").read_text())
    settings = {"svg.hashsalt": "burn-bayes", "font.size": 12, "axes.spines.top": False, "axes.spines.right": False}
    with pyplot.rc_context(settings):
        figure, axes = pyplot.subplots(figsize=(9, 5.2), layout="constrained")
        for work, (name, colour) in enumerate(zip(heading[1:], COLOURS)):
            offset = (work - (len(heading) - 2) / 2) * WIDTH
            places, starts, lengths = [], [], []
            for group, cells in enumerate(rows):
                numbers = [float(number) for number in re.findall(r"[\d.]+", cells[1 + work])]
                if numbers:
                    places.append(group + offset)
                    starts.append(numbers[0] - DOT)
                    lengths.append(numbers[-1] - numbers[0] + 2 * DOT)
            axes.barh(places, lengths, WIDTH * 0.85, starts, color=colour, label=name)
        axes.axvline(1, color="black", linewidth=1.5)
        axes.set(title="Our time / the best peer's: left of the line ours is shorter", xlim=(0.3, 1.25))
        processors = [re.sub(r"\[(.*)\]\(.*\)", r"\1", cells[0]) for cells in rows]
        axes.set_yticks(range(len(rows)), [textwrap.fill(name, 18) for name in processors])
        axes.invert_yaxis()
        axes.xaxis.set_major_locator(ticker.MultipleLocator(0.1))
        axes.grid(axis="x", color="#dddddd", linewidth=0.8)
        axes.set_axisbelow(True)
        figure.legend(loc="outside lower center", ncols=len(heading) - 1, fontsize=11, frameon=False)
        figure.savefig(ROOT / "docs/benchmarks/ratios.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
