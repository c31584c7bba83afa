"""What is measured. Each section puts its single measurements into the results; who is beside whom is said there too."""

import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from processes import (LAUNCHER, PATIENCE, ROOT, Accepting, Canned, Serving, Simulator, Skipped, calls, execute, follow, java,
                       postgres, python_with, start)
from results import LIMITS
from work import request, write_requests, write_rows

PEERS = ROOT / "bench" / "peers"
BATCHWRIGHT = "batchwright"
PYTHON_HARVEST = "json and sqlite3 in Python"


def turns(results, rounds, section, case, measures):
    """Each in its turn, round by round: what disturbs the machine for a while disturbs all of them."""
    for number in range(rounds):
        for who, measure in measures.items():
            try:
                found = measure()
            except Skipped as why:
                results.skip(section, case, who, str(why))
                continue
            results.add(section, case, who, number + 1, **found)


# ---- clients ----------------------------------------------------------------------------------------------------


def clients(results, work, size):
    for milliseconds, at_once in size.loads:
        with Canned(milliseconds) as server:
            _clients(results, work, size, server, milliseconds, at_once)


def _clients(results, work, size, server, milliseconds, at_once):
    def lines(count):
        file = work / f"requests-{count}.jsonl"
        if not file.exists():
            write_requests(file, count)
        return file

    (work / "body.json").write_text(json.dumps(request(1, random.Random(7))))

    def told(out, used):
        rate, failed, answers = (float(word) for word in out.split()[-3:])
        return {"per_second": rate, "cpu_10k": used["cpu"] / answers * 1e4, "rss_mb": used["rss_mb"], "failed": failed}

    def wrk():
        if not shutil.which("wrk"):
            raise Skipped("wrk is not installed (Debian: apt-get install wrk)")
        script = work / "wrk.lua"
        script.write_text(
            f'wrk.method = "POST"\nlocal f = io.open("{work / "body.json"}"); wrk.body = f:read("*a"); f:close()\n'
            'wrk.headers["Content-Type"] = "application/json"\nwrk.headers["Authorization"] = "Bearer bench"\n'
            "done = function(s, l, r)\n  local e = s.errors\n"
            "  local bad = e.connect + e.read + e.write + e.timeout + e.status\n"
            '  io.write("RESULT " .. s.requests / (s.duration / 1e6) .. " " .. bad .. " " .. s.requests .. "\\n")\nend\n')
        return told(*execute(["wrk", "-t2", f"-c{at_once}", f"-d{size.seconds}s", "-s", script, server.chat]))

    def raw():
        # In the small form as many calls as ours makes, so that start and compiling weigh the same.
        length = [size.seconds // 2, size.seconds] if size.peers else [size.items]
        return told(*execute([*java(), "dev.batchwright.bench.RawClient", server.chat, work / "body.json", at_once, *length]))

    def live():
        return live_lane(work, server, lines(size.items), size.items, at_once)

    def peer(script, address, count, *packages):
        def run():
            python = python_with(*packages)
            return told(*execute([python, PEERS / script, address, lines(count), work / "peer.out", at_once]))
        return run

    measures = {"wrk": wrk, "raw client": raw, BATCHWRIGHT: live,
                "aiohttp": peer("asyncio_client.py", server.chat, size.few, "aiohttp")}
    if size.peers:
        fewer = max(200, size.few // 10)
        measures |= {
            "httpx": peer("httpx_client.py", server.chat, fewer, "httpx"),
            "OpenAI SDK and a semaphore": peer("openai_sdk.py", server.base_url, fewer, "openai"),
            "batch-stream-openai": peer("batch_stream.py", server.base_url, fewer, "batch-stream-openai"),
            "openapi-batch": peer("openapi_batch.py", server.base_url, 200, "openapi-batch"),
        }
    turns(results, size.rounds, "clients", f"{at_once} at once, {milliseconds} ms", measures)


def live_lane(work, server, source, items, at_once):
    """The whole product: a new store on disk, load, run, results."""
    store = work / "live"
    shutil.rmtree(store, ignore_errors=True)
    store.mkdir()
    events, used = follow(
        [LAUNCHER, "run", str(source), "--store", str(store / "s.db"), "--json", "-o", str(store / "out.jsonl"),
         "-p", "openai", "--base-url", server.base_url, "--mode", "live", "--concurrency", str(at_once)],
        OPENAI_API_KEY="bench")
    last = events[-1]
    if last.get("state") != "finished" or last["failed"]:
        raise Skipped(f"the job did not succeed: {last.get('state')}")
    shutil.rmtree(store)
    told = {"items_per_second": items / used["seconds"], "cpu_10k": used["cpu"] / items * 1e4, "rss_mb": used["rss_mb"],
            "failed": last["failed"]}
    # From two fifths on: before that the JVM compiles, connections open and the concurrency rises.
    steady = [(event["seen_at"], event["seen_cpu"], event["calls"] - event["calls_under_way"])
              for event in events if event["event"] == "progress" and "calls" in event and event["seen_cpu"] is not None]
    steady = [point for point in steady if 0.4 * items <= point[2] < items]
    if len(steady) >= 2 and steady[-1][2] > steady[0][2]:
        calls = steady[-1][2] - steady[0][2]
        told |= {"per_second": calls / (steady[-1][0] - steady[0][0]),
                 "steady_cpu_10k": (steady[-1][1] - steady[0][1]) / calls * 1e4}
    return told


# ---- rows -------------------------------------------------------------------------------------------------------


def rows(results, work, size):
    if size.peers:
        # What a larger job takes more of memory.
        _rows(results, work, size, size.rows // 10, False)
    _rows(results, work, size, size.rows, size.peers)


def _rows(results, work, size, count, with_peers):
    source = work / "rows.csv"
    write_rows(source, count)

    def batchwright():
        store = work / "rows-store"
        shutil.rmtree(store, ignore_errors=True)
        store.mkdir()
        events, used = follow([LAUNCHER, "run", str(source), "--store", str(store / "s.db"), "--json",
                               "-o", str(work / "rows.jsonl"), "-p", "echo", "-m", "echo", "--prompt",
                               "Classify: {{text}}"], BATCHWRIGHT_JAVA_OPTS="-Xmx256m")
        shutil.rmtree(store)
        last = events[-1]
        return used | {"row_cpu_us": used["cpu"] / count * 1e6} \
            | {f"{phase}_seconds": last[f"{phase}_seconds"] for phase in ("load", "run", "export")}

    def copy():
        began = time.perf_counter()
        used = {"cpu": 0.0}
        for file in (source, work / "rows.jsonl"):
            used["cpu"] += execute(["cp", file, work / "copy"])[1]["cpu"]
            with open(work / "copy", "rb+") as out:
                os.fdatasync(out.fileno())
        return used | {"seconds": time.perf_counter() - began}

    def script(name, *packages):
        def run():
            python = python_with(*packages) if packages else sys.executable
            used = execute([python, PEERS / name, source, work / "rows.peer"])[1]
            return used | {"row_cpu_us": used["cpu"] / count * 1e6}
        return run

    measures = {BATCHWRIGHT: batchwright, "cp and fdatasync": copy, "csv and json in Python": script("plain_rows.py")}
    if with_peers:
        measures["DuckDB (no calls, nothing kept)"] = script("duckdb_rows.py", "duckdb")
    turns(results, size.rounds, "rows", f"{count:,} rows, CSV, echo, JSON lines", measures)


# ---- batches ----------------------------------------------------------------------------------------------------


def batches(results, work, size):
    if size.peers:
        # What a larger job takes more of memory.
        _whole_batches(results, work, size, size.batch_items // 10, False)
    _whole_batches(results, work, size, size.batch_items, size.peers)
    folder = work / "batch-files"
    folder.mkdir()
    case = f"{size.batch_lines:,} requests, without the network"
    try:
        out, _ = execute([*java(), "dev.batchwright.bench.BatchLoad", folder, size.batch_lines, size.rounds + 1])
    except Skipped as why:
        results.skip("batch files", case, BATCHWRIGHT, str(why))
        return
    answers = sorted(folder.glob("results-*"))
    megabytes = sum(file.stat().st_size for file in answers) / 1e6
    for number, told, limit in rounds_of(out, size.rounds):
        results.add("batch files", case, "cp", number, **limit)
        results.add("batch files", case, BATCHWRIGHT, number, **told)
        database = work / "plain.db"
        database.unlink(missing_ok=True)
        used = execute([sys.executable, PEERS / "plain_harvest.py", database, *answers])[1]
        results.add("batch files", case, PYTHON_HARVEST, number, harvest_mb_per_second=megabytes / used["seconds"], **used)


def _whole_batches(results, work, size, items, with_peers):
    source = work / "batch.jsonl"
    write_requests(source, items)
    with Simulator("--batch-time", "2s") as server:

        def batchwright():
            store = work / "batch-store"
            shutil.rmtree(store, ignore_errors=True)
            store.mkdir()
            _, used = follow(
                [LAUNCHER, "run", str(source), "--store", str(store / "s.db"), "--json", "-o",
                 str(work / "batch.out"), "-p", "openai", "--base-url", server.base_url, "--mode", "batch",
                 "--poll-interval", "1s"], OPENAI_API_KEY="bench", BATCHWRIGHT_JAVA_OPTS="-Xmx256m")
            return used

        def openai_batch():
            python = python_with("httpx", "openai-batch==0.3.2")
            return execute([python, PEERS / "openai_batch_tool.py", server.base_url, source, work / "peer.out"])[1]

        measures = {BATCHWRIGHT: batchwright}
        if with_peers:
            # Its files may have 50,000 requests: it leaves the rest to its user.
            measures["openai-batch, the first 50,000 alone"] = openai_batch
        turns(results, size.rounds, "batches", f"{items:,} requests in batches", measures)


# ---- the store --------------------------------------------------------------------------------------------------


def store(results, work, size):
    for threads in (1, 1000):
        folder = work / f"store-{threads}"
        folder.mkdir()
        _store(results, size, folder, "", "store", f"SQLite, {threads} at once", threads)
        shutil.rmtree(folder)


def postgres_store(results, work, size):
    # The server's user must reach its directory, which it does not inside of ours.
    with tempfile.TemporaryDirectory(prefix="batchwright-bench-") as made:
        folder = Path(made)
        try:
            with postgres(folder) as location:
                _store(results, size, folder, location, "postgres", "PostgreSQL, 1000 at once", 1000)
        except Skipped as why:
            results.skip("postgres", "PostgreSQL, 1000 at once", BATCHWRIGHT, str(why))


def _store(results, size, folder, location, section, case, threads):
    items = size.outcomes if threads > 1 else max(2000, size.outcomes // 50)
    try:
        out, _ = execute([*java(), "dev.batchwright.bench.StoreLoad", folder, location, items, threads, size.rounds + 1])
    except Skipped as why:
        results.skip(section, case, BATCHWRIGHT, str(why))
        return
    for number, told, limit in rounds_of(out, size.rounds):
        results.add(section, case, LIMITS[section], number, **limit)
        results.add(section, case, BATCHWRIGHT, number, **told)


def rounds_of(out, rounds):
    """What a program of several rounds measured, and its limits; the first round warms the JVM up and is left out."""
    found = [line.split() for line in out.splitlines()]
    per_round = len(found) // (rounds + 1)
    for number in range(1, rounds + 1):
        told = {name: float(value) for name, value in found[number * per_round:(number + 1) * per_round]}
        limit = {name.removeprefix("limit_"): told.pop(name) for name in list(told) if name.startswith("limit_")}
        yield number, told, limit


# ---- the server --------------------------------------------------------------------------------------------------


def serve(results, work, size):
    _accepting(results, work, size)
    for http, waiting in size.waiting.items():
        _waiting(results, work, http, waiting)
    _passing_through(results, work, size)


def _accepting(results, work, size):
    """Each call durable before it is answered with 202, and the same server with its calls in memory."""
    def accepting(kept):
        def run():
            with Accepting(work / f"accepting-{next(numbers)}", kept) as server:
                calls(server.origin, calls=size.accepted, at_once=1000, expect="ACCEPTED", label="warm")
                before = server.cpu()
                told = calls(server.origin, calls=size.accepted, at_once=1000, expect="ACCEPTED")
                return {"per_second": told["per_second"], "steady_cpu_10k": (server.cpu() - before) / size.accepted * 1e4}
        return run

    numbers = itertools.count()
    turns(results, size.rounds, "serve", "calls accepted, 1,000 at once",
          {LIMITS["serve"]: accepting("memory"), BATCHWRIGHT: accepting("store")})


def _waiting(results, work, http, waiting):
    """What a call that waits adds to the process, with garbage and behind a collection."""
    with Accepting(work / f"waiting-{http}", "store", "1g") as server:
        calls(server.origin, calls=2000, at_once=200, http=http, expect="ACCEPTED", label="warm")
        server.collect()
        before = server.rss()
        load = start([*java(), "-Xmx3g", "dev.batchwright.bench.CallLoad", f"server={server.origin}", f"http={http}",
                      f"calls={waiting}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while server.waiting() < waiting and load.poll() is None and time.monotonic() < end:
            time.sleep(0.1)
        at_rest(server)
        told = server.rss()
        server.collect()
        held = server.rss()
        load.kill()
        load.wait()
    results.add("serve", f"{waiting:,} calls that wait, HTTP/{'1.1' if http == 1 else '2'}", BATCHWRIGHT, 1,
                told_kb=(told - before) / waiting / 1024, held_kb=(held - before) / waiting / 1024)


def at_rest(server):
    """Waits until it works no more: then all that has come is stored."""
    before = -1.0
    while server.cpu() - before > 0.02:
        before = server.cpu()
        time.sleep(0.5)


def _passing_through(results, work, size):
    """What the server adds to a live call, durable on both its ways."""
    with Canned(20) as canned, Serving(work / "passing", "-p", "openai", "--base-url", canned.base_url, "--mode", "live") as server:
        direct = canned.base_url.removesuffix("/v1")
        for at_once in (1, 50):
            count = size.passed * (1 if at_once == 1 else 5)
            labels = (f"{at_once}-{i}" for i in itertools.count())

            def through(origin):
                def run():
                    told = calls(origin, calls=count, at_once=at_once, expect="ANY", label=next(labels))
                    return {"p50_ms": told["p50_ms"], "p99_ms": told["p99_ms"], "per_second": told["per_second"]}
                return run

            calls(server.origin, calls=count, at_once=at_once, expect="ANY", label=next(labels))
            turns(results, size.rounds, "pass-through", f"live calls, {at_once} at once, 20 ms",
                  {LIMITS["pass-through"]: through(direct), BATCHWRIGHT: through(server.origin)})


# ---- starts and resuming ----------------------------------------------------------------------------------------


def starts(results, work, size):
    store = work / "large.db"
    source = work / "large.csv"
    write_rows(source, size.rows)
    events, _ = follow([LAUNCHER, "run", str(source), "--store", str(store), "--json", "-o", str(work / "large.out"),
                        "-p", "echo", "--prompt", "{{text}}"])

    def command(*words):
        return lambda: execute([LAUNCHER, *words])[1]

    turns(results, size.starts, "starts", f"start of a command; in the store, a job of {size.rows:,} items", {
        "python3 -c 'import json, sqlite3, urllib.request'":
            lambda: execute([sys.executable, "-c", "import json, sqlite3, urllib.request"])[1],
        "batchwright --help": command("--help"),
        "batchwright jobs": command("jobs", "--store", store),
        "batchwright status": command("status", events[-1]["job"], "--store", store),
    })


def resume(results, work, size):
    """A job is killed when nine tenths are done; the same command then looks at the first call that it makes."""
    source = work / "resume.csv"
    write_rows(source, size.rows)

    def batchwright():
        folder = work / "resume"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        command = [LAUNCHER, "run", str(source), "--store", str(folder / "s.db"), "--json", "-o", str(folder / "out"),
                   "-p", "echo", "--prompt", "{{text}}", "--concurrency", "1000"]
        kill_at(command, 0.9 * size.rows)
        events, used = follow(command)
        return {"seconds": events[-1]["load_seconds"], "cpu": used["cpu"]}

    def count():
        files = list((work / "resume" / "s.db-segments").glob("job_*/*.jsonl"))
        if not files:
            raise Skipped("there are no segments to count")
        return execute(["wc", "-l", *files])[1]

    turns(results, 1, "resume", f"a job of {size.rows:,} items, nine tenths done, by the same command",
          {BATCHWRIGHT: batchwright, "wc -l of its segments": count})


def kill_at(command, done):
    process = start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for line in process.stdout:
        event = json.loads(line)
        if event["event"] == "progress" and event.get("calls", 0) >= done:
            break
    process.kill()
    process.stdout.close()
    process.wait()


SECTIONS = {"clients": clients, "store": store, "postgres": postgres_store, "rows": rows, "batches": batches, "serve": serve,
            "starts": starts, "resume": resume}
