"""Runs ours and the peers alternately, and prints a Markdown table of medians and ratios.

    cargo build --release --example benchmark
    python benches/peers/compare.py --rounds 3 --seconds 5 --out comparison.json

In each round every program does every work once, each in a process of its own. Needs an idle machine.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OURS = "ours"
PEERS = {
    "PyTorch eager": ["pytorch.py", ["--mode", "eager"]],
    "torch.compile": ["pytorch.py", ["--mode", "compile"]],
    "JAX": ["jax_peer.py", []],
}
# Products in bf16; JAX has none on a CPU.
NARROW = {OURS: ["--products", "bf16"]} | dict.fromkeys(["PyTorch eager", "torch.compile"], ["--precision", "medium"])
METHODS = ["iwae", "iwaeu_rec", "iwaeu"]


def works(prune):
    """Name → arguments of every program, arguments of ours alone.

    The pruned steps have no peer: beside them stand the peers' exact steps of the same method.
    """
    step = lambda method, batch: ["step", "--method", method, "--batch", str(batch)]
    found = {"vae b100": (step("vae", 100), [])}
    for batch in [100, 20]:
        found |= {f"{method} b{batch}": (step(method, batch), []) for method in METHODS}
    for method in ["iwae", "iwaeu"]:
        found[f"{method} pruned b100"] = (step(method, 100), ["--prune", str(prune)])
    return found | {f"evaluate {method}": (["evaluate", "--method", method], []) for method in METHODS}


def measure(command, timeout):
    """The program's line of JSON, or `{"error": ...}`."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
        if done.returncode:
            return {"error": (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]}
        return json.loads(done.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"error": f"took longer than {timeout} s"}
    except (OSError, ValueError, IndexError) as error:
        return {"error": str(error)}


def milliseconds(result):
    """Of a step, or of the evaluation of one image; None if there is no result."""
    if "images_per_second" in result:
        return 1e3 / result["images_per_second"]
    return result.get("median_ms")


def median(values):
    """Of what there is."""
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def table(programs, names, measurements):
    """Medians over rounds, and the median of the ratios within rounds."""
    lines = [
        f"| work | {' | '.join(f'{program}, ms' for program in programs)} | ours / best peer |",
        "| --- " * (len(programs) + 2) + "|",
    ]
    for name in names:
        rounds = {}
        for entry in measurements:
            if entry["name"] == name:
                rounds.setdefault(entry["round"], {})[entry["column"]] = milliseconds(entry["result"])
        medians = [median(times.get(program) for times in rounds.values()) for program in programs]
        ratios = []
        for times in rounds.values():
            peers = [times[peer] for peer in programs if peer != OURS and times.get(peer)]
            if peers and times.get(OURS):
                ratios.append(times[OURS] / min(peers))
        ratio = median(ratios)
        cells = ["–" if value is None else f"{value:.3g}" for value in medians]
        cells.append("–" if ratio is None else f"{ratio:.2f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5, help="of timed steps in each process")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--images", type=int, default=20, help="of an evaluation")
    parser.add_argument("--prune", type=float, default=0.1, help="threshold of the pruned steps")
    parser.add_argument("--bf16", action="store_true", help="matrix products in bf16, without JAX, which has none")
    parser.add_argument("--works", nargs="+", help="names of works or beginnings of them, such as iwae; default all")
    parser.add_argument("--ours", type=pathlib.Path, default=ROOT / "target/release/examples/benchmark")
    parser.add_argument("--python", default=sys.executable, help="that has torch and jax")
    parser.add_argument("--timeout", type=float, default=900, help="seconds for one process")
    parser.add_argument("--out", type=pathlib.Path, help="a JSON file for every measurement")
    options = parser.parse_args()

    chosen = works(options.prune)
    if options.works:
        # "iwae" means "iwae b100", "iwae b20" and "iwae pruned b100", but not "iwaeu b100".
        starts = lambda name: any(f"{name} ".startswith(f"{start} ") for start in options.works)
        chosen = {name: arguments for name, arguments in chosen.items() if starts(name)}
        if not chosen:
            parser.error(f"no such work; there are: {', '.join(works(options.prune))}")

    programs = NARROW if options.bf16 else {program: [] for program in [OURS, *PEERS]}
    measurements = []
    for number in range(options.rounds):
        for name, (arguments, only_ours) in chosen.items():
            rest = ["--threads", str(options.threads)]
            if arguments[0] == "step":
                rest += ["--samples", "1" if "vae" in arguments else "25", "--hidden", "400"]
                rest += ["--latent", "40", "--seconds", str(options.seconds)]
            else:
                rest += ["--samples", "5000", "--images", str(options.images)]
            commands = {OURS: [str(options.ours), *arguments, *rest, *only_ours]}
            for peer, (script, mode) in PEERS.items():
                commands[peer] = [options.python, str(HERE / script), *arguments, *rest, *mode]
            order = list(programs)
            for column in order[number % len(order) :] + order[: number % len(order)]:  # each is first in turn
                result = measure(commands[column] + programs[column], options.timeout)
                entry = {"round": number, "name": name, "column": column, "result": result}
                measurements.append(entry)
                value = result.get("error") or f"{milliseconds(result):.3g} ms"
                print(f"round {number + 1}, {name}, {column}: {value}", file=sys.stderr, flush=True)
                if options.out:
                    options.out.write_text(json.dumps(measurements, indent=1) + "\n")
    print(table(programs, chosen, measurements))


if __name__ == "__main__":
    main()
