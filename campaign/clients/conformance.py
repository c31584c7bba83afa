#!/usr/bin/env python3
"""What goes wrong between a client and a server, and what must come of it: the tools' own code, unmodified, and raw calls.

Each case starts from the servers' point of view: answers that are lost, refusals that pass, batches that fail,
expire or are killed with the server. What was paid is judged by the simulator's bill.
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from meddler import Meddler, Spoil  # noqa: E402
from run import (BEGIN_CASES, CLIENTS, END_CASES, FAULTS, HERE, INSTALLED, KEY, SMALL, TABLES, Broken, Server,  # noqa: E402
                 Simulator, build, check, differences, install, table, with_tables)

TOOLS = ("openapi-batch", "batch-openai", "openai-batch", "autobatcher", "autobatcher-0.6")
MODEL = "gpt-4o-mini"
PATIENCE = 120


class Api:
    """Plain calls."""

    def __init__(self, base_url):
        self.base_url = base_url

    def call(self, method, path, body=None, headers=()):
        """Returns status, headers, body as bytes."""
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        request = urllib.request.Request(f"{self.base_url}{path}", data, {
            "Authorization": f"Bearer {KEY}", "Content-Type": "application/json", **dict(headers)}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.headers, refused.read()

    def json(self, method, path, body=None, headers=()):
        status, _, content = self.call(method, path, body, headers)
        check(status == 200, f"{method} {path}: {status} {content[:300]!r}")
        return json.loads(content)

    def upload(self, lines, filename="batch.jsonl"):
        boundary = "b0undary"
        body = (f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--{boundary}\r\n'
                f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n'
                f"Content-Type: application/octet-stream\r\n\r\n{lines}\r\n--{boundary}--\r\n").encode()
        return self.json("POST", "/files", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})["id"]

    def create(self, file_id, endpoint="/v1/chat/completions", window="24h", headers=(), **more):
        return self.json("POST", "/batches", {"input_file_id": file_id, "endpoint": endpoint,
                                              "completion_window": window, **more}, headers)

    def ended(self, batch_id):
        end = time.monotonic() + PATIENCE
        while (batch := self.json("GET", f"/batches/{batch_id}"))["status"] not in (
                "completed", "failed", "expired", "cancelled"):
            check(time.monotonic() < end, f"the batch stays {batch['status']}")
            time.sleep(0.1)
        return batch

    def lines(self, file_id):
        content = self.json_lines(self.call("GET", f"/files/{file_id}/content")[2]) if file_id else []
        return {line["custom_id"]: line for line in content}

    @staticmethod
    def json_lines(content):
        return [json.loads(line) for line in content.splitlines()]


def chat_lines(texts):
    return "".join(json.dumps({"custom_id": f"r{i}", "method": "POST", "url": "/v1/chat/completions", "body": {
        "model": MODEL, "messages": [{"role": "user", "content": text}] if text else []}}) + "\n"
                   for i, text in enumerate(texts))


def through(tool, base_url, texts):
    """What the user of a tool gets, for each text."""
    environment = {**os.environ, "OPENAI_BASE_URL": base_url, "OPENAI_API_KEY": KEY, "PYTHONDONTWRITEBYTECODE": "1"}
    name = "autobatcher" if tool.startswith("autobatcher") else tool
    done = subprocess.run([INSTALLED / tool / "bin" / "python", HERE / "one_batch.py", name], env=environment,
                          input=json.dumps(texts), text=True, capture_output=True, timeout=PATIENCE)
    check(done.returncode == 0, f"{tool} ended badly: {done.stderr[-800:]}")
    return json.loads(done.stdout.splitlines()[-1])


class Scene:
    """Servers for the cases: the simulator behind, `serve` in front of it."""

    def __init__(self, folder):
        self.folder = folder
        self.count = 0

    @contextlib.contextmanager
    def served(self, *arguments, mode="live", batch_time="200ms", simulator=()):
        self.count += 1
        folder = self.folder / f"case-{self.count}-{time.monotonic_ns()}"
        folder.mkdir()
        with Simulator(folder, "--batch-time", batch_time, "--batch-validation-time", "50ms", *FAULTS, *simulator,
                       java_options=SMALL) as far_side:
            yield far_side, Restartable(folder, far_side, mode, arguments)


class Restartable:
    """A server that can be killed and started again, on the same port and store."""

    def __init__(self, folder, far_side, mode, arguments):
        self.folder, self.arguments, self.port = folder, [
            "-p", "openai", "--base-url", far_side.base_url, "--mode", mode, "--batch-window", "300ms",
            "--poll-interval", "300ms", *arguments], 0
        self.server = None

    def start(self):
        self.server = Server(self.folder, "--port", str(self.port), *self.arguments, java_options=SMALL,
                             environment={"OPENAI_API_KEY": KEY})
        self.port = int(self.server.origin.rsplit(":", 1)[1])
        return self

    def kill(self):
        self.server.command.kill()

    def again(self):
        self.kill()
        return self.start()

    @property
    def base_url(self):
        return self.server.base_url

    @property
    def origin(self):
        return self.server.origin

    @property
    def api(self):
        return Api(self.base_url)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()


CASES = []


def case(name):
    def mark(trial):
        CASES.append((name, trial))
        return trial
    return mark


def each_tool(trial):
    """Runs a trial for each tool that makes batches, and says which of them it fails for."""
    problems = []
    for tool in TOOLS:
        try:
            trial(tool)
        except (Broken, subprocess.TimeoutExpired) as problem:
            problems.append(f"{tool}: {problem}")
    check(not problems, "; ".join(problems))


def all_right(results, texts):
    for text, result in zip(texts, results):
        check(text in (result.get("ok") or ""), f"{text!r} got {result}")


@case("one of five requests fails: the other four arrive, in each tool")
def one_fails(scene):
    with scene.served() as (_, server), server:
        def trial(tool):
            texts = ["one.", "two.", "", "four.", "five."]
            results = through(tool, server.base_url, texts)
            check("error" in results[2], f"{results}")
            all_right(results[:2] + results[3:], texts[:2] + texts[3:])
        each_tool(trial)


@case("all requests fail: the batch is completed, and each caller ends with an error")
def all_fail(scene):
    with scene.served() as (_, server), server:
        api = server.api
        batch = api.ended(api.create(api.upload(chat_lines(["", ""])))["id"])
        check(batch["status"] == "completed" and batch["request_counts"]["failed"] == 2, f"{batch}")
        check(batch["output_file_id"] is None, f"an output file without a line: {batch}")
        check(sorted(api.lines(batch["error_file_id"])) == ["r0", "r1"], "not both are in the error file")

        def trial(tool):
            results = through(tool, server.base_url, ["", ""])
            check(all("error" in result for result in results), f"{results}")
        each_tool(trial)


@case("a batch that expires keeps what was done")
def expired(scene):
    with scene.served(simulator=("--fault", "hang when body~never-ends")) as (_, server), server:
        api = server.api
        batch = api.create(api.upload(chat_lines(["one.", "never-ends", "three."])), window="4s")
        batch = api.ended(batch["id"])
        check(batch["status"] == "expired" and batch["expired_at"], f"{batch}")
        check(sorted(api.lines(batch["output_file_id"])) == ["r0", "r2"], f"{batch}")
        error = api.lines(batch["error_file_id"])["r1"]
        check(error["error"]["code"] == "batch_expired", f"{error}")


@case("an answer to the creation that is lost makes no second batch, in each tool")
def lost_creation(scene):
    with scene.served() as (far_side, server), server:
        def trial(tool):
            for spoil in (Spoil("POST", "/v1/batches", after=500), Spoil("POST", "/v1/batches", lost=True)):
                texts = [f"{tool} {spoil.after} {i}." for i in range(3)]
                before = len(server.api.json("GET", "/batches?limit=100")["data"])
                with Meddler(server.origin, spoil) as between:
                    all_right(through(tool, between.base_url, texts), texts)
                check(between.calls.count(("POST", "/v1/batches")) == 2, f"it was created so: {between.calls}")
                made = len(server.api.json("GET", "/batches?limit=100")["data"]) - before
                check(made == 1, f"{made} batches were made")
        each_tool(trial)
        check(far_side.quiet_bill()["batch_lane"]["executed_twice_in_any_lane"] == 0, "something was paid for twice")


@case("429 with Retry-After on upload and creation is waited for, in each tool")
def throttled(scene):
    with scene.served() as (_, server), server:
        def trial(tool):
            spoils = [Spoil("POST", path, instead=429, headers={"Retry-After": "1"})
                      for path in ("/v1/files", "/v1/batches")]
            with Meddler(server.origin, *spoils) as between:
                all_right(through(tool, between.base_url, ["one."]), ["one."])
        each_tool(trial)


@case("401 once is tried again by the tool that does so")
def unauthorized_once(scene):
    with scene.served() as (_, server), server:
        with Meddler(server.origin, Spoil("POST", "/v1/files", instead=401)) as between:
            all_right(through("batch-openai", between.base_url, ["one."]), ["one."])


@case("results can be read while the batch runs: offset, X-Incomplete, X-Last-Line")
def partial_results(scene):
    slow = ("--fault", "stall=4s when body~slow-one")
    with scene.served(simulator=slow) as (_, server), server:
        api = server.api
        batch = api.create(api.upload(chat_lines([f"quick {i}." for i in range(20)] + ["slow-one"])),
                           headers={"Batchwright-Output": "early"})
        check(batch["output_file_id"] is None or batch["status"] != "validating", f"too early: {batch}")
        end = time.monotonic() + PATIENCE
        seen, offset = {}, 0
        incomplete = False
        while True:
            check(time.monotonic() < end, "it does not end")
            batch = api.json("GET", f"/batches/{batch['id']}")
            if batch["output_file_id"]:
                status, headers, content = api.call("GET", f"/files/{batch['output_file_id']}/content?offset={offset}")
                check(status in (200, 404), f"{status} {content[:200]!r}")
                if status == 200:
                    for line in Api.json_lines(content):
                        check(line["custom_id"] not in seen, f"{line['custom_id']} came twice")
                        seen[line["custom_id"]] = line
                    offset = int(headers["X-Last-Line"])
                    check(offset == len(seen), f"X-Last-Line {offset} after {len(seen)} lines")
                    incomplete |= headers["X-Incomplete"] == "true" and bool(seen)
                    if headers["X-Incomplete"] == "false":
                        break
            time.sleep(0.1)
        check(incomplete, "nothing was there before the end")
        check(len(seen) == 21, f"{len(seen)} lines")


@case("metadata null, of 16 pairs, of 17; windows of any length; `stream: false` in embeddings; a file without a suffix")
def odd_orders(scene):
    with scene.served() as (_, server), server:
        api = server.api
        file_id = api.upload(chat_lines(["one."]), "upload")
        check(api.ended(api.create(file_id, metadata=None)["id"])["status"] == "completed", "null")
        pairs = {f"k{i}": "v" * 512 for i in range(16)}
        check(api.create(file_id, metadata=pairs)["metadata"] == pairs, "16 pairs")
        order = {"input_file_id": file_id, "endpoint": "/v1/chat/completions", "completion_window": "24h"}
        status, _, _ = api.call("POST", "/batches", {**order, "metadata": {**pairs, "more": "v"}})
        check(status == 400, f"17 pairs are answered with {status}")
        for window in ("1h", "72h", "7d"):
            check(api.ended(api.create(file_id, window=window)["id"])["completion_window"] == window, window)
        line = {"custom_id": "e", "method": "POST", "url": "/v1/embeddings",
                "body": {"model": "text-embedding-3-small", "input": "a", "stream": False}}
        batch = api.ended(api.create(api.upload(json.dumps(line) + "\n"), "/v1/embeddings")["id"])
        check(batch["request_counts"]["completed"] == 1, f"{batch}")


@case("a wrong line is told with its number")
def wrong_lines(scene):
    with scene.served() as (_, server), server:
        api = server.api
        good = chat_lines(["one.", "two."])
        for lines, number in ((good + chat_lines(["one."]), 3), (good + "no json\n", 3), (good + "[1]\n", 3),
                              (good + '{"custom_id":"x"}\n', 3), (good.replace('"r1"', "7"), 2)):
            batch = api.ended(api.create(api.upload(lines))["id"])
            check(batch["status"] == "failed", f"{lines[-80:]!r}: {batch}")
            check([error["line"] for error in batch["errors"]["data"]] == [number], f"{lines[-80:]!r}: {batch['errors']}")


@case("a client that times out and tries again pays once, and gets its answer")
def impatient(scene):
    with scene.served(mode="batch", batch_time="3s") as (far_side, server), server:
        program = ("import os, openai; "
                   "print(openai.OpenAI(timeout=1.5, max_retries=8).chat.completions.create(model='gpt-4o-mini', "
                   "messages=[{'role': 'user', 'content': 'In a hurry'}]).choices[0].message.content)")
        done = subprocess.run([INSTALLED / "openai-3" / "bin" / "python", "-c", program], capture_output=True, text=True,
                              timeout=PATIENCE, env={**os.environ, "OPENAI_BASE_URL": server.base_url,
                                                     "OPENAI_API_KEY": KEY})
        check("In a hurry" in done.stdout, f"{done.stdout} {done.stderr[-500:]}")
        bill = far_side.quiet_bill()
        check(bill["batch_lane"]["executions"] == {"1": 1} and bill["executed"] == 0, f"paid so often: {bill}")


@case("killed at each step of a batch, it goes on: the same batch, each request paid once")
def killed_at_each_step(scene):
    with scene.served() as (far_side, server), server:
        texts = [f"Number {i}." for i in range(50)]
        file_id = server.api.upload(chat_lines(texts))
        server.again()
        check(server.api.json("GET", f"/files/{file_id}")["id"] == file_id, "the file is gone")
        batch = server.api.create(file_id)
        server.again()
        check(server.api.json("GET", f"/batches/{batch['id']}")["input_file_id"] == file_id, "the batch is gone")
        repeated = server.api.create(file_id, headers={"x-stainless-retry-count": "1"})
        check(repeated["id"] == batch["id"], "a repeat made another batch")
        batch = server.api.ended(batch["id"])
        server.again()
        lines = server.api.lines(batch["output_file_id"])
        check(len(lines) == 50, f"{len(lines)} results")
        for i, text in enumerate(texts):
            check(text in lines[f"r{i}"]["response"]["body"]["choices"][0]["message"]["content"], f"{lines[f'r{i}']}")
        # Killed with calls under way, those may be made again: they were not answered.
        more = far_side.quiet_bill()["executed"] - 50
        check(0 <= more <= 50, f"{more} calls more than requests")


@case("killed while calls wait: their clients ask again, and each is paid once")
def killed_while_calls_wait(scene):
    with scene.served(mode="batch", batch_time="3s") as (far_side, server), server:
        program = ("import asyncio, openai\n"
                   "client = openai.AsyncOpenAI(timeout=30, max_retries=10)\n"
                   "async def ask(i):\n"
                   "    answer = await client.chat.completions.create(model='gpt-4o-mini', "
                   "messages=[{'role': 'user', 'content': f'Number {i}.'}])\n"
                   "    assert f'Number {i}.' in answer.choices[0].message.content\n"
                   "async def main():\n"
                   "    await asyncio.gather(*(ask(i) for i in range(200)))\n"
                   "asyncio.run(main())\n")
        client = subprocess.Popen([INSTALLED / "openai-3" / "bin" / "python", "-c", program], stderr=subprocess.PIPE,
                                  text=True, env={**os.environ, "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY})
        end = time.monotonic() + PATIENCE
        while far_side.bill()["batch_lane"]["created"] == 0:
            check(time.monotonic() < end and client.poll() is None, "no batch is made")
            time.sleep(0.1)
        server.again()
        _, said = client.communicate(timeout=PATIENCE)
        check(client.returncode == 0, f"not all were answered: {said[-600:]}")
        bill = far_side.quiet_bill()
        check(bill["batch_lane"]["executions"] == {"1": 200} and bill["executed"] == 0,
              f"paid so often: {bill['batch_lane']['executions']}, live {bill['executed']}")


@case("lifecycle events are told as autobatcher's, one JSON line each")
def events(scene):
    with scene.served("--batch-metadata", "benchmark_id=here", mode="batch") as (_, server), server:
        server.api.json("POST", "/chat/completions", {"model": MODEL, "messages": [{"role": "user", "content": "Hi"}]})
        named, end = {}, time.monotonic() + 20
        while not {"batch_submitted", "batch_completed"} <= named.keys():
            told = [json.loads(line) for line in server.server.command.out_path.read_text().splitlines()]
            named = {event["event"]: event for event in told}
            check(time.monotonic() < end, f"told are only {sorted(named)}")
            time.sleep(0.1)
        submitted = named["batch_submitted"]
        for field in ("source", "ts", "batch_id", "endpoint", "input_file_id", "request_count", "models",
                      "completion_window", "metadata"):
            check(field in submitted, f"batch_submitted has no {field}: {submitted}")
        check(isinstance(submitted["ts"], float), f"{submitted}")
        check(submitted["metadata"].get("benchmark_id") == "here", f"{submitted}")


def main():
    parser = argparse.ArgumentParser(description="What goes wrong between clients and `batchwright serve`.")
    parser.add_argument("--case", action="append", help="those whose name has this text")
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="writes the table of docs/clients.md")
    parser.add_argument("--check", action="store_true", help="fails if the table of docs/clients.md is another")
    options = parser.parse_args()
    cases = [(name, trial) for name, trial in CASES if not options.case or any(text in name for text in options.case)]
    began = time.monotonic()
    build()
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for client in CLIENTS:
        if client.name in (*TOOLS, "openai-3"):
            install(client, False)
    with tempfile.TemporaryDirectory(prefix="batchwright-conformance-") as folder, \
            concurrent.futures.ThreadPoolExecutor(options.at_once) as pool:
        scene = Scene(pathlib.Path(folder))
        outcomes = {name: pool.submit(attempt, name, trial, scene) for name, trial in cases}
        holds = {name: future.result() for name, future in outcomes.items()}
    made = table([["what happens", "holds"], *([name, "yes" if held else "no"] for name, held in holds.items())])
    page = TABLES.read_text(encoding="utf-8") if options.write or options.check else ""
    if options.write:
        TABLES.write_text(with_tables(page, made, BEGIN_CASES, END_CASES), encoding="utf-8")
    different = differences(page.split(BEGIN_CASES, 1)[1].split(END_CASES, 1)[0].strip(), made) if options.check else []
    for line in different:
        print(f"docs/clients.md has another table: {line}")
    failed = len(holds) - sum(holds.values())
    print(f"conformance: {len(holds) - failed} passed, {failed} failed, {time.monotonic() - began:.0f} s")
    return 1 if different or (failed and not options.check) else 0


def attempt(name, trial, scene):
    began = time.monotonic()
    try:
        trial(scene)
    except Exception as problem:  # The other cases are worth knowing too.
        print(f"{name}: FAILED after {time.monotonic() - began:.0f} s: {type(problem).__name__}: {str(problem)[:1500]}",
              flush=True)
        return False
    print(f"{name}: ok, {time.monotonic() - began:.0f} s", flush=True)
    return True


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as problem:
        print(f"conformance: {problem}", file=sys.stderr)
        sys.exit(1)
