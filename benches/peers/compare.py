"""Runs ours and the peers alternately, and prints a Markdown table of medians and ratios.

    cargo build --release -p burn-bayes-benches
    python benches/peers/compare.py --rounds 20 --seconds 0.5 --out comparison.json --markdown page.md
    python benches/peers/compare.py --from comparison.json bf16.json --markdown page.md

For each work every program is started once and then told to measure in turn, for a moment each: what else the
machine does meets all of them alike. Wants an idle machine nevertheless.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OURS = "ours"
PEERS = {
    "PyTorch eager": ["pytorch.py", ["--mode", "eager"]],
    "torch.compile": ["pytorch.py", ["--mode", "compile"]],
    "JAX": ["jax_peer.py", []],
}
# Products in bf16; JAX's step gains nothing by it on a CPU.
NARROW = {
    f"{name}, {precision}": [script, [*mode, "--precision", precision]]
    for precision in ["medium", "autocast"]
    for name, (script, mode) in PEERS.items()
    if name != "JAX"
}
METHODS = ["iwae", "iwaeu_rec", "iwaeu"]
NAMES = {"vae": "VAE", "iwae": "IWAE", "iwaeu_rec": "IWAEU_rec", "iwaeu": "IWAEU", "two_layers": "two-layer",
         "two_layers_u": "random two-layer", "ladder": "ladder", "ladder_norm": "normalized ladder"}
# Flags of /proc/cpuinfo that decide how products are computed.
INSTRUCTIONS = {"avx2": "AVX2", "avx512f": "AVX-512", "avx512_bf16": "AVX-512 BF16", "amx_bf16": "AMX"}


def works(prune):
    """Name → arguments of every program, arguments of ours alone.

    The pruned steps have no peer: beside them stand the peers' exact steps of the same method.
    """
    def step(method, batch, samples=25):
        return ["step", "--method", method, "--batch", str(batch), "--samples", str(samples)]

    found = {"vae b100": (step("vae", 100, 1), [])}
    for batch in [100, 20]:
        found |= {f"{method} b{batch}": (step(method, batch), []) for method in METHODS}
    for method in ["iwae", "iwaeu"]:
        found[f"{method} pruned b100"] = (step(method, 100), ["--prune", str(prune)])
    for batch in [100, 20]:
        found[f"two_layers b{batch}"] = (step("two_layers", batch, 50), [])
    found["two_layers_u b20"] = (step("two_layers_u", 20, 50), [])
    ladder = step("ladder", 256, 1)
    found |= {"ladder b256": (ladder, []), "ladder_norm b256": ([*ladder, "--batch-norm"], [])}
    return found | {f"evaluate {method}": (["evaluate", "--method", method], []) for method in METHODS}


class Program:
    """A process that measures once when it is ready and then whenever it is told to."""

    def __init__(self, command, timeout):
        self.timeout = timeout
        self.errors = tempfile.TemporaryFile("w+")
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self.errors}
        self.process = subprocess.Popen([*command, "--again"], text=True, **pipes)

    def result(self):
        """The next line of JSON, or `{"error": ...}`."""
        watchdog = threading.Timer(self.timeout, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        try:
            return json.loads(line)
        except ValueError:
            status = self.process.wait()
            self.errors.seek(0)
            return {"error": (self.errors.read().strip().splitlines() or [f"exit status {status}"])[-1]}

    def measure(self):
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except OSError:
            pass  # it has ended, and the result says why
        return self.result()

    def end(self):
        self.process.kill()
        self.process.wait()


def milliseconds(result):
    """Of a step, or of the evaluation of one image; None if there is no result."""
    if "images_per_second" in result:
        return 1e3 / result["images_per_second"]
    return result.get("median_ms")


def label(name):
    """A work in words: "iwae pruned b100" is "IWAE pruned step, batch 100"."""
    words = name.split()
    if words[0] == "evaluate":
        return f"{NAMES[words[1]]} evaluation, an image"
    middle = " pruned" if "pruned" in words else ""
    return f"{NAMES[words[0]]}{middle} step, batch {words[-1][1:]}"


def table(measurements):
    """Medians over rounds; of the ratios to the peer whose median is lowest, the quartiles as well."""
    programs = list(dict.fromkeys(entry["column"] for entry in measurements))
    lines = [
        f"| work | {' | '.join(f'{program}, ms' for program in programs)} | ours / best peer | half of the rounds |",
        "| --- " * (len(programs) + 3) + "|",
    ]
    for name in dict.fromkeys(entry["name"] for entry in measurements):
        times = {program: {} for program in programs}
        for entry in measurements:
            if entry["name"] == name and milliseconds(entry["result"]):
                times[entry["column"]][entry["round"]] = milliseconds(entry["result"])
        medians = {program: statistics.median(found.values()) for program, found in times.items() if found}
        cells = [f"{medians[program]:.3g}" if program in medians else "–" for program in programs]
        best = min((program for program in medians if program != OURS), key=medians.get, default=OURS)
        ratios = [time / times[best][number] for number, time in times[OURS].items() if number in times[best]]
        if best == OURS or len(ratios) < 2:
            cells += ["–", "–"]
        else:
            low, ratio, high = statistics.quantiles(ratios, n=4, method="inclusive")
            cells += [f"{ratio:.2f}", f"{low:.2f} to {high:.2f}"]
        lines.append(f"| {label(name)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def output(*command):
    """What a command prints, or None if there is no such command or it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def processor():
    """The processor's name and the instructions that count, as Linux tells them."""
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return "unknown", "unknown"
    pairs = reversed([[part.strip() for part in line.split(":", 1)] for line in lines if ":" in line])
    facts = dict(pairs)  # the first core's
    name = facts.get("model name", "unknown")
    for key in ["cpu family", "model"]:  # which a virtual machine's name may hide
        name += f", {key} {facts[key]}" if key in facts else ""
    flags = facts.get("flags", "").split()
    return name, ", ".join(words for flag, words in INSTRUCTIONS.items() if flag in flags) or "others"


def software(python):
    """The versions of all that is compared."""
    compiler = re.match(r"rustc (\S+)", output("rustc", "--version") or "")
    found = {"Rust": compiler and compiler[1]}
    lock = (ROOT / "Cargo.lock").read_text()
    for crate in ["burn", "gemm"]:
        version = re.search(rf'name = "{crate}"\nversion = "(.*)"', lock)
        found[crate] = version and version[1]
    for name, package in {"PyTorch": "torch", "JAX": "jax"}.items():
        found[name] = output(python, "-c", f"import importlib.metadata as m; print(m.version('{package}'))")
    return ", ".join(f"{name} {version}" for name, version in found.items() if version)


def conditions(options):
    """What the figures depend on."""
    name, instructions = processor()
    commit = output("git", "rev-parse", "--short", "HEAD") or "unknown"
    if output("git", "status", "--porcelain", "--untracked-files=no"):
        commit += " with changes"
    return {
        "processor": name,
        "instructions": instructions,
        "cores": f"{options.threads} of {os.cpu_count()}",
        "products": "`bf16`" if options.bf16 else "`f32`",
        "date": datetime.date.today().isoformat(),
        "commit": commit,
        "rounds": f"{options.rounds}, with {options.seconds:g} s of steps or {options.images} images in each",
        "software": software(options.python),
        "command": shlex.join(["python", "benches/peers/compare.py", *sys.argv[1:]]),
    }


def page(comparisons):
    """A Markdown page: the processor, then each comparison with its conditions and its command."""
    lines = [f"# {comparisons[0]['conditions']['processor']}"]
    for comparison in comparisons:
        rows = dict(comparison["conditions"])
        command = rows.pop("command")
        lines += ["", f"## Beside PyTorch and JAX, products in {rows['products']}", ""]
        lines += ["| condition | value |", "| --- | --- |", *(f"| {name} | {value} |" for name, value in rows.items())]
        lines += ["", table(comparison["measurements"]), ""]
        lines += ["    cargo build --release -p burn-bayes-benches", f"    {command}"]
    return "\n".join(lines) + "\n"


def compare(parser, options):
    """Measures, and writes the JSON file after each work."""
    if not options.ours.exists():
        parser.error(f"there is no {options.ours}; cargo build --release -p burn-bayes-benches makes it")
    chosen = works(options.prune)
    if options.bf16:  # a ladder's products are full
        chosen = {name: arguments for name, arguments in chosen.items() if "ladder" not in name}
    if options.works:
        # "iwae" means "iwae b100", "iwae b20" and "iwae pruned b100", but not "iwaeu b100".
        starts = lambda name: any(f"{name} ".startswith(f"{start} ") for start in options.works)
        chosen = {name: arguments for name, arguments in chosen.items() if starts(name)}
        if not chosen:
            parser.error(f"no such work; there are: {', '.join(works(options.prune))}")

    peers = NARROW if options.bf16 else PEERS
    programs = [OURS, *peers]
    measurements = []
    comparison = {"conditions": conditions(options), "measurements": measurements}
    for name, (arguments, only_ours) in chosen.items():
        rest = ["--threads", str(options.threads)]
        if arguments[0] == "step":
            rest += ["--hidden", "400", "--latent", "40", "--seconds", str(options.seconds)]
        else:
            rest += ["--samples", "5000", "--images", str(options.images)]
        products = ["--products", "bf16"] if options.bf16 else []
        commands = {OURS: [str(options.ours), *arguments, *rest, *only_ours, *products]}
        for peer, (script, settings) in peers.items():
            commands[peer] = [options.python, str(HERE / script), *arguments, *rest, *settings]
        running = {}
        for column, command in commands.items():
            running[column] = Program(command, options.timeout)
            running[column].result()  # does not count: everything is still warming up
        for number in range(options.rounds):
            first = number % len(programs)
            for column in programs[first:] + programs[:first]:  # each is first in turn
                result = running[column].measure()
                measurements.append({"round": number, "name": name, "column": column, "result": result})
                value = result.get("error") or f"{milliseconds(result):.3g} ms"
                print(f"{name}, round {number + 1}, {column}: {value}", file=sys.stderr, flush=True)
        for program in running.values():
            program.end()
        if options.out:
            options.out.write_text(json.dumps(comparison, indent=1) + "\n")
    return comparison


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=0.5, help="of timed steps in each round")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--images", type=int, default=20, help="of an evaluation")
    parser.add_argument("--prune", type=float, default=0.1, help="threshold of the pruned steps")
    parser.add_argument("--bf16", action="store_true", help="matrix products in bf16, without JAX")
    parser.add_argument("--works", nargs="+", help="names of works or beginnings of them, such as iwae; default all")
    parser.add_argument("--ours", type=pathlib.Path, default=ROOT / "target/release/benchmark")
    parser.add_argument("--python", default=sys.executable, help="that has torch and jax")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one measurement")
    parser.add_argument("--out", type=pathlib.Path, help="a JSON file for the conditions and every measurement")
    parser.add_argument("--markdown", type=pathlib.Path, help="a page for conditions, table and command, written anew")
    parser.add_argument("--from", nargs="+", type=pathlib.Path, dest="saved", metavar="JSON",
                        help="what --out wrote: measures nothing, shows these")
    options = parser.parse_args()
    for file in [options.out, options.markdown]:
        if file and not file.parent.is_dir():
            parser.error(f"{file}: there is no such folder")
    comparisons = [json.loads(file.read_text()) for file in options.saved or []] or [compare(parser, options)]
    if not all(isinstance(comparison, dict) for comparison in comparisons):
        parser.error("--from: a file of an earlier version, without conditions; measure again")
    print("\n\n".join(table(comparison["measurements"]) for comparison in comparisons))
    if options.markdown:
        options.markdown.write_text(page(comparisons))


if __name__ == "__main__":
    main()
