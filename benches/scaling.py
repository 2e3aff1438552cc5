"""How the time and the memory of a training step grow with k, batch, width and threads.

Build the program, then measure (several minutes, on an idle machine) and draw (needs matplotlib):

    cargo build --release -p burn-bayes-benches
    python3 benches/scaling.py run --out scaling.json
    python3 benches/scaling.py plot scaling.json --out docs/benchmarks

`run --quick` takes fewer points and `run --sweeps k batch` only these sweeps. Processes run one after
another; one that fails, or takes longer than `--timeout` seconds, is recorded as missing. The file is
written after every point. `plot` writes SVG pictures and prints the numbers as Markdown tables; there
"replayed" is the exact backward pass in chunks of 25 samples, "pruned" the same with a threshold.
"""

import argparse
import datetime
import itertools
import json
import math
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent

METHODS = ["iwae", "iwaeu_rec", "iwaeu"]
SIZES = {  # of each sweep; `--quick` takes every other one
    "k": [1, 5, 25, 50, 100, 250, 500],
    "batch": [20, 50, 100, 200, 500, 1000],
    "width": [100, 200, 400, 800, 1600],
    "threads": [1, 2],
}
OPTION = {"k": "samples", "batch": "batch", "width": "hidden", "threads": "threads"}
BASE = {"batch": 100, "samples": 25, "hidden": 400, "threads": None, "prune": None, "chunk": None}
REPLAYS = [{"prune": 0, "chunk": 25}, {"prune": 0.1, "chunk": 25}]  # IWAE against k

NAMES = {"vae": "VAE", "iwae": "IWAE", "iwaeu_rec": "IWAEU_rec", "iwaeu": "IWAEU"}
COLOURS = {"iwae": "#0072B2", "iwaeu_rec": "#D55E00", "iwaeu": "#009E73"}
MARKERS = {"iwae": "o", "iwaeu_rec": "s", "iwaeu": "D"}
REPLAY_LINES = {0: ("--", "^"), 0.1: (":", "v")}  # by threshold: a line and a hollow marker


def points(sweeps, quick):
    """The arguments of each process, and the sweeps that its result belongs to."""
    found = {}

    def add(sweep, **arguments):
        found.setdefault(tuple((BASE | arguments).items()), []).append(sweep)

    for sweep in sweeps:
        step = 2 if quick and sweep != "threads" else 1
        for size in SIZES[sweep][::step]:
            choice = {OPTION[sweep]: size}
            if sweep == "threads":
                for batch, method in itertools.product([100, 20], NAMES):
                    samples = 1 if method == "vae" else BASE["samples"]
                    add(sweep, method=method, samples=samples, batch=batch, **choice)
                continue
            for method in METHODS:
                add(sweep, method=method, **choice)
            for replay in REPLAYS if sweep == "k" else []:
                add(sweep, method="iwae", **choice, **replay)
    return [(dict(arguments), sweeps) for arguments, sweeps in found.items()]


def measure(program, arguments, seconds, timeout):
    """The program's report, and why there is none."""
    command = [program, "step", "--seconds", str(seconds)]
    for name, value in arguments.items():
        if value is not None:
            command += [f"--{name}", str(value)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    except subprocess.TimeoutExpired:
        return None, f"longer than {timeout:g} s"
    if done.returncode != 0:
        return None, f"exit status {done.returncode}: {done.stderr.strip()[-300:]}"
    try:
        return json.loads(done.stdout), None
    except json.JSONDecodeError:
        return None, "printed no JSON"


def machine():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else None,
        "cpus": os.cpu_count(),
        "date": datetime.date.today().isoformat(),
    }


def run(options):
    program = (ROOT / options.ours).resolve()
    if not program.is_file():
        sys.exit(f"no program {options.ours}: cargo build --release -p burn-bayes-benches")
    result = {"machine": machine(), "seconds": options.seconds, "points": []}
    todo = points(options.sweeps, options.quick)
    for number, (arguments, sweeps) in enumerate(todo, 1):
        words = " ".join(f"{name} {value}" for name, value in arguments.items() if value is not None)
        print(f"{number}/{len(todo)} {words}: ", end="", file=sys.stderr, flush=True)
        report, missing = measure(program, arguments, options.seconds, options.timeout)
        print(f"{report['median_ms']:.4g} ms" if report else f"missing, {missing}", file=sys.stderr)
        point = {"sweeps": sweeps, "arguments": arguments, "report": report, "missing": missing}
        result["points"].append(point)
        options.out.write_text(json.dumps(result, indent=1) + "\n")


def series(result, sweep, value):
    """`{(method, prune): {size: value}}`, missing values as None."""
    lines = {}
    for point in result["points"]:
        if sweep in point["sweeps"]:
            arguments, report = point["arguments"], point["report"]
            line = lines.setdefault((arguments["method"], arguments["prune"]), {})
            line[arguments[OPTION[sweep]]] = report[value] if report else None
    return lines


def label(method, prune):
    if prune is None:
        return NAMES[method]
    return f"{NAMES[method]}, replayed" if prune == 0 else f"{NAMES[method]}, pruned at {prune:g}"


def number(value):
    """Three digits, never an exponent."""
    if value is None:
        return "—"
    digits = 2 - math.floor(math.log10(value)) if value > 0 else 0
    return f"{value:.{max(0, digits)}f}"


def row(*cells):
    print("| " + " | ".join(cells) + " |")


def table(title, heading, lines):
    """Sizes down, methods across."""
    if not lines:
        return
    print(f"\n{title}\n")
    row(heading, *(label(*key) for key in lines))
    row(*["---:"] * (1 + len(lines)))
    for size in sorted({size for line in lines.values() for size in line}):
        row(str(size), *(number(line.get(size)) for line in lines.values()))


def threads_table(result):
    times = {}
    for point in result["points"]:
        if "threads" in point["sweeps"]:
            arguments, report = point["arguments"], point["report"]
            times.setdefault((arguments["batch"], arguments["method"]), {})[arguments["threads"]] = (
                report["median_ms"] if report else None
            )
    if not times:
        return
    print(f"\nTime of a step (ms) with one and two threads, k = {BASE['samples']} (VAE: 1)\n")
    row("batch", "method", "1 thread", "2 threads", "ratio")
    row("---:", ":---", *["---:"] * 3)
    for (batch, method), time in times.items():
        one, two = time.get(1), time.get(2)
        ratio = f"{one / two:.2f}" if one and two else "—"
        row(str(batch), NAMES[method], number(one), number(two), ratio)


def draw(path, title, x_label, y_label, lines):
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot, ticker

    if not any(value for line in lines.values() for value in line.values()):
        return
    settings = {
        "svg.hashsalt": "burn-bayes",
        "font.size": 12,
        "axes.titlesize": 13,
        "axes.spines.top": False,
        "axes.spines.right": False,
    }
    with pyplot.rc_context(settings):
        figure, axes = pyplot.subplots(figsize=(6.4, 4.4), layout="constrained")
        for (method, prune), line in lines.items():
            line_style, marker = REPLAY_LINES.get(prune, ("-", MARKERS[method]))
            measured = sorted((size, value) for size, value in line.items() if value is not None)
            axes.plot(
                *zip(*measured) if measured else ([], []),
                label=label(method, prune),
                color=COLOURS[method],
                linestyle=line_style,
                linewidth=2,
                marker=marker,
                markersize=7,
                markerfacecolor=COLOURS[method] if prune is None else "white",
            )
        axes.set(xscale="log", yscale="log", title=title, xlabel=x_label, ylabel=y_label)
        sizes = sorted({size for line in lines.values() for size in line})
        axes.xaxis.set_major_locator(ticker.FixedLocator(sizes))
        axes.yaxis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5), numticks=20))
        for axis in [axes.xaxis, axes.yaxis]:
            axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:,g}".replace(",", " ")))
            axis.set_minor_locator(ticker.NullLocator())
        axes.grid(color="#dddddd", linewidth=0.8)
        axes.set_axisbelow(True)
        legend = axes.legend(loc="upper left", fontsize=11, handlelength=3, framealpha=1, edgecolor="none")
        legend.set_zorder(1.5)  # over the grid, under the lines
        figure.get_layout_engine().set(w_pad=0.1, h_pad=0.08)
        figure.savefig(path, metadata={"Date": None})
        pyplot.close(figure)


def plot(options):
    result = json.loads(options.result.read_text())
    options.out.mkdir(parents=True, exist_ok=True)
    facts = result["machine"]
    print(f"{facts['cpu']}, {facts['cpus']} CPUs, {facts['date']}; medians over {result['seconds']:g} s.")

    batch, k, width = (f"{name} {BASE[key]}" for name, key in [
        ("batch", "batch"), ("k =", "samples"), ("hidden width", "hidden")
    ])
    pictures = [  # sweep, value, file, what, settings, x axis
        ("k", "median_ms", "step_against_k", "Time of a step (ms)", f"{batch}, {width}", "k, samples of a datapoint"),
        ("k", "peak_mib", "memory_against_k", "Peak memory (MiB)", f"{batch}, {width}", "k, samples of a datapoint"),
        ("batch", "median_ms", "step_against_batch", "Time of a step (ms)", f"{k}, {width}", "batch, datapoints"),
        ("width", "median_ms", "step_against_width", "Time of a step (ms)", f"{batch}, {k}", "hidden width, units"),
    ]
    for sweep, value, file, what, settings, x_label in pictures:
        lines = series(result, sweep, value)
        title = f"{what.split(' (')[0]}: {settings}"
        draw(options.out / f"{file}.svg", title, x_label, what, lines)
        table(f"{what}, {settings}", sweep, lines)
    threads_table(result)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    works = parser.add_subparsers(required=True)

    work = works.add_parser("run", help="measure")
    work.set_defaults(work=run)
    work.add_argument("--out", type=pathlib.Path, required=True, help="the JSON file to write")
    work.add_argument("--seconds", type=float, default=2, help="to measure each point for")
    work.add_argument("--timeout", type=float, default=120, help="seconds after which a point is missing")
    work.add_argument("--quick", action="store_true", help="every other size")
    work.add_argument("--sweeps", nargs="+", choices=SIZES, default=list(SIZES))
    ours = "target/release/benchmark"
    work.add_argument("--ours", default=ours, help="the program, relative to the repository (%(default)s)")

    work = works.add_parser("plot", help="draw, and print tables")
    work.set_defaults(work=plot)
    work.add_argument("result", type=pathlib.Path, help="what `run` wrote")
    work.add_argument("--out", type=pathlib.Path, required=True, help="the folder for the pictures")

    options = parser.parse_args()
    options.work(options)


if __name__ == "__main__":
    main()
