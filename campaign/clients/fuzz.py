#!/usr/bin/env python3
"""`batchwright serve` against OpenAI's published contract, and against those who keep none.

First every route's answers are validated, from the echo and from the simulator behind; then schemathesis makes
requests from the contract (nothing may be answered with 5xx, nothing may hang), and abuse.py sends what is no HTTP.
"""

import argparse
import contextlib
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import abuse  # noqa: E402
from run import FAULTS, HERE, INSTALLED, KEY, ROOT, SMALL, Broken, Client, Server, Simulator, build, check, install  # noqa: E402

CONTRACT = ROOT / "simulator" / "src" / "test" / "resources" / "openai-openapi-subset.yaml"
SCHEMATHESIS = Client("schemathesis", "schemathesis", "fuzz.py", ("schemathesis==4.32.5", "PyYAML", "jsonschema_rs"))
# What the server has of the contract; the rest is answered with 404.
PATHS = (r"^/(chat/completions|completions|embeddings|moderations|responses|files|batches|models)"
         r"(/\{[a-z_]+\})?(/content|/cancel)?$")
# The longest that a generated request may take: the echo answers at once.
QUICK = 20


def validated(server, name):
    done = subprocess.run([SCHEMATHESIS.environment / "bin" / "python", HERE / "contract.py", server.base_url, CONTRACT],
                          stdout=subprocess.PIPE, text=True, timeout=600)
    print(f"{name}: {done.stdout}", end="", flush=True)
    return done.returncode == 0


def fuzzed(server, examples, seed):
    command = [SCHEMATHESIS.environment / "bin" / "schemathesis", "run", CONTRACT, "--url", server.base_url,
               "--checks", "not_a_server_error", "--include-path-regex", PATHS, "--phases", "fuzzing",
               "--max-examples", str(examples), "--generation-database", "none", "--request-timeout", str(QUICK),
               "--workers", "2", "--no-color", "--header", f"Authorization: Bearer {KEY}"]
    if seed is not None:
        command += ["--seed", str(seed)]
    with tempfile.TemporaryDirectory(prefix="batchwright-fuzz-") as folder:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1800, cwd=folder)
    said = done.stdout.strip()
    print("\n".join(line for line in said.splitlines() if "generated" in line or "Seed" in line) if done.returncode == 0
          else said[-6000:], flush=True)
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description="`batchwright serve` against the contract and against abuse.")
    parser.add_argument("--examples", type=int, default=20, help="requests made for each operation of the contract")
    parser.add_argument("--seed", type=int, help="of the requests; else one that is told")
    parser.add_argument("--part", action="append", choices=["contract", "requests", "abuse"], help="these alone")
    options = parser.parse_args()
    parts = options.part or ["contract", "requests", "abuse"]
    began = time.monotonic()
    build()
    INSTALLED.mkdir(parents=True, exist_ok=True)
    install(SCHEMATHESIS, False)
    outcomes = {}
    with tempfile.TemporaryDirectory(prefix="batchwright-fuzz-") as made, contextlib.ExitStack() as stack:
        folder = pathlib.Path(made)
        echo = stack.enter_context(Server(folder, "--port", "0", "-p", "echo", "--mode", "live", name="echo",
                                          java_options=SMALL))
        if "contract" in parts:
            far_side = stack.enter_context(Simulator(folder, *FAULTS, java_options=SMALL))
            live = stack.enter_context(Server(
                folder, "--port", "0", "-p", "openai", "--base-url", far_side.base_url, "--mode", "live", name="live",
                java_options=SMALL, environment={"OPENAI_API_KEY": KEY}))
            outcomes["contract, echo"] = validated(echo, "echo")
            outcomes["contract, live"] = validated(live, "simulator behind")
        if "requests" in parts:
            outcomes["requests"] = fuzzed(echo, options.examples, options.seed)
        if "abuse" in parts:
            outcomes["abuse"] = abuse.judge(int(echo.origin.rsplit(":", 1)[1]), None) == 0
        check(not echo.command.ended(), f"the server died:\n{echo.command.said()[-2000:]}")
    failed = [name for name, held in outcomes.items() if not held]
    print(f"fuzz: {len(outcomes) - len(failed)} passed, {len(failed)} failed, {time.monotonic() - began:.0f} s"
          f"{': ' if failed else ''}{', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as problem:
        print(f"fuzz: {problem}", file=sys.stderr)
        sys.exit(1)
