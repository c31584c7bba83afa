"""Compares what a run measured with what was last accepted. Only ratios of CPU time within one round are compared, and of
each the best round: a busy machine makes all of a round slower, and the best one is the least disturbed."""

import json
from pathlib import Path

ACCEPTED = Path(__file__).resolve().parent / "accepted.json"
MOST_LOSS = 0.20


# What is guarded: name -> ours and the yardstick, each a section, who, a metric of CPU time, and a case if there are several.
PAIRS = {
    "live lane, CPU a call, against the raw client":
        (("clients", "batchwright", "cpu_10k"), ("clients", "raw client", "cpu_10k")),
    "rows, CPU a row, against csv and json in Python":
        (("rows", "batchwright", "row_cpu_us"), ("rows", "csv and json in Python", "row_cpu_us")),
    # Appending a plain line takes too little to be a yardstick.
    "store, CPU an outcome, against csv and json in Python for a row":
        (("store", "batchwright", "outcome_cpu_us", "SQLite, 1000 at once"), ("rows", "csv and json in Python", "row_cpu_us")),
    "batches, CPU of the whole job, against reading as many results with json and sqlite3 in Python":
        (("batches", "batchwright", "cpu"), ("batch files", "json and sqlite3 in Python", "cpu")),
    "serve, CPU an accepted call, against the same server without its store":
        (("serve", "batchwright", "steady_cpu_10k"), ("serve", "the same server without its store", "steady_cpu_10k")),
    "start of --help, CPU, against Python":
        (("starts", "batchwright --help", "cpu"),
         ("starts", "python3 -c 'import json, sqlite3, urllib.request'", "cpu")),
}
# Where the section that measures it has another name.
MEASURED_BY = {"batch files": "batches"}


def ratios(results):
    """Ours against the yardstick, smaller is better."""
    rounds = {name: [ours / yardstick for ours, yardstick in zip(results.values(*ours), results.values(*yardstick)) if yardstick]
              for name, (ours, yardstick) in PAIRS.items()}
    return {name: min(found) for name, found in rounds.items() if found}


def accept(results):
    ACCEPTED.write_text(json.dumps({name: round(value, 3) for name, value in ratios(results).items()}, indent=2) + "\n")


def doubtful(results):
    """The sections that measure what seems lost: a neighbour on the machine may have done that, and looking again tells."""
    accepted, now = json.loads(ACCEPTED.read_text()), ratios(results)
    sections = {place[0] for name, ratio in now.items() if ratio / accepted.get(name, ratio) - 1 > MOST_LOSS
                for place in PAIRS[name]}
    return sorted({MEASURED_BY.get(section, section) for section in sections})


def losses(results):
    """What got worse by more than a fifth, in words; and all comparisons, in words."""
    accepted = json.loads(ACCEPTED.read_text())
    now = ratios(results)
    lost, told = [], []
    for name, before in accepted.items():
        if name not in now:
            lost.append(f"{name}: was not measured (accepted: {before:.2f})")
            continue
        change = now[name] / before - 1
        told.append(f"{name}: {now[name]:.2f}, accepted {before:.2f} ({change:+.0%})")
        if change > MOST_LOSS:
            lost.append(
                f"{name}: {now[name]:.2f} times, {before:.2f} was accepted: {change:.0%} worse, {MOST_LOSS:.0%} is allowed. "
                "Find out what made it slower; if it is worth it, accept it with ./batchwright-bench --small --accept")
    return lost, told
