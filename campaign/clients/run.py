#!/usr/bin/env python3
"""Real clients, unmodified, against `batchwright serve`: which of their features work.

Installs each client from its registry into an environment of its own (kept in target/clients), starts servers on
free ports, and runs each client's script against each of them:

    echo    `serve -p echo`
    live    `serve --mode live` in front of the simulator
    batch   `serve --mode batch` in front of the simulator: also ordinary calls travel in batches

A script prints a JSON line for each feature. They become the tables of docs/clients.md: `--write` writes them,
`--check` fails where they are not those of this run. Without either, it only says what happened.
"""

import argparse
import concurrent.futures
import contextlib
import dataclasses
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from processes import ROOT, Broken, Server, Simulator, build, check, java  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
INSTALLED = ROOT / "target" / "clients"
TABLES = ROOT / "docs" / "clients.md"
BEGIN = "<!-- tables: written by campaign/clients/run.py --write -->"
END = "<!-- end of the tables -->"
BEGIN_CASES = "<!-- table: written by campaign/clients/conformance.py --write -->"
END_CASES = "<!-- end of the table -->"
SETTINGS = ("echo", "live", "batch")
PATIENCE = 400
KEY = "sk-of-nobody"
# What the far side does with texts that the scripts send.
FAULTS = ("--fault", "503 first=1 when body~please-stumble", "--fault", "400 when body~please-refuse")
SMALL = "-Xmx384m -XX:TieredStopAtLevel=1"


@dataclasses.dataclass(frozen=True)
class Client:
    """A client and the versions that are tried; `newest` says whether --newest may take another."""
    name: str
    title: str
    script: str
    packages: tuple
    newest: bool = True
    far_side: str = "openai"
    kind: str = "library"

    @property
    def environment(self):
        return INSTALLED / self.name


CLIENTS = (
    Client("openai-batch", "openai-batch", "openai_batch_tool.py", ("openai-batch==0.3.2", "openai==2.54.0"), False,
           kind="tool"),
    Client("autobatcher", "autobatcher", "autobatcher_tool.py", ("autobatcher[serve]==0.12.0", "openai==2.54.0"),
           kind="tool"),
    Client("autobatcher-0.6", "autobatcher 0.6", "autobatcher_tool.py",
           ("autobatcher[serve]==0.6.0", "openai==2.54.0"), False, kind="tool"),
    Client("batch-openai", "batch-openai", "batch_openai_tool.py", ("batch-openai==0.4.0", "openai==3.57.0"),
           kind="tool"),
    Client("openapi-batch", "openapi-batch", "openapi_batch_tool.py", ("openapi-batch[openai]==0.1.2", "openai==3.57.0"),
           kind="tool"),
    Client("batch-stream-openai", "batch-stream-openai", "batch_stream_tool.py",
           ("batch-stream-openai==0.1.0", "openai==3.57.0"), kind="tool"),
    Client("litellm", "LiteLLM", "litellm_client.py", ("litellm==1.110.2",)),
    Client("langchain", "LangChain", "langchain_client.py", ("langchain-openai==1.7.4",)),
    # The last version before httpx 0.28 took away an argument that it needs.
    Client("openai-1", "openai 1", "openai_python.py", ("openai==1.60.2", "httpx==0.27.2"), False),
    Client("openai-2", "openai 2", "openai_python.py", ("openai==2.54.0",), False),
    Client("openai-3", "openai 3", "openai_python.py", ("openai==3.57.0",)),
    Client("openai-node", "openai for Node", "openai_node.mjs", ("openai@7.59.0",)),
    Client("openai-java", "openai-java", "dev.batchwright.openai.ServedClient", ()),
    Client("anthropic", "anthropic", "anthropic_python.py", ("anthropic==2.14.0",), far_side="anthropic"),
)

# The rows of the first two tables, in this order; what a script tells beyond them comes last.
FEATURES = (
    "chat", "tools", "structured output", "several choices", "streamed chat", "streamed tools", "many at once",
    "messages", "streamed messages", "responses", "streamed responses", "background responses", "embeddings",
    "completions", "moderations", "models", "request ids", "error objects", "retries", "files", "batches",
    "batches with failures", "list of batches", "cancelled batches", "validation errors")


def unpinned(package, client):
    separator = "@" if client.script.endswith(".mjs") else "=="
    return package.split(separator)[0]


def install(client, newest):
    """Into an environment of its own, unless it is there."""
    packages = [unpinned(package, client) for package in client.packages] if newest and client.newest else client.packages
    mark = client.environment / "installed"
    wanted = hashlib.sha256(repr(packages).encode()).hexdigest()
    if not packages or (not newest and mark.exists() and mark.read_text() == wanted):
        return
    shutil.rmtree(client.environment, ignore_errors=True)
    client.environment.mkdir(parents=True)
    if client.script.endswith(".mjs"):
        run_quietly(["npm", "init", "-y"], client.environment)
        run_quietly(["npm", "install", "--no-audit", "--no-fund", *packages], client.environment)
    else:
        run_quietly([sys.executable, "-m", "venv", client.environment], INSTALLED)
        run_quietly([client.environment / "bin" / "pip", "install", "-q", "--no-compile", *packages], INSTALLED)
    mark.write_text(wanted)


def run_quietly(command, folder):
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    check(done.returncode == 0, f"{command[0]} failed:\n{done.stdout[-2000:]}")


def java_class_path():
    """The Java client is a program among the tests of the module `openai-java`; Maven brings what it stands on."""
    listed = ROOT / "openai-java" / "target" / "class-path"
    run_quietly(["mvn", "-B", "-q", "-pl", "openai-java", "-am", "test-compile", "dependency:build-classpath",
                 f"-Dmdep.outputFile={listed}", "-Dmdep.includeScope=test"], ROOT)
    module = ROOT / "openai-java" / "target"
    return f"{module}/test-classes:{module}/classes:{listed.read_text()}"


def command_of(client, class_path):
    if client.script.endswith(".mjs"):
        # Node looks for packages beside the script.
        shutil.copy(HERE / client.script, client.environment / client.script)
        return ["node", client.environment / client.script]
    if client.script.endswith(".py"):
        return [client.environment / "bin" / "python", HERE / client.script]
    return [java(), "-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", class_path, client.script]


class Servers:
    """One for each setting and far side, all at the same time, each with a store of its own."""

    def __init__(self, folder, stack, settings, far_sides):
        self.of = {}
        keys = {"OPENAI_API_KEY": KEY, "ANTHROPIC_API_KEY": KEY}
        simulators = {}
        if set(settings) != {"echo"}:
            for far_side in far_sides:
                simulators[far_side] = stack.enter_context(Simulator(
                    folder, "--provider", far_side, "--batch-time", "200ms", "--batch-validation-time", "50ms",
                    *FAULTS, java_options=SMALL, name=f"simulator-{far_side}"))
        for setting in settings:
            for far_side in far_sides if setting != "echo" else ("echo",):
                arguments = ["--port", "0", "-p", far_side, "--batch-window", "300ms", "--poll-interval", "300ms"]
                if setting != "echo":
                    base_url = simulators[far_side].base_url
                    base_url = base_url.removesuffix("/v1") if far_side == "anthropic" else base_url
                    arguments += ["--base-url", base_url, "--mode", setting]
                self.of[setting, far_side] = stack.enter_context(Server(
                    folder, *arguments, name=f"serve-{setting}-{far_side}", java_options=SMALL, environment=keys))

    def environment(self, setting, far_side):
        server = self.of[setting, "echo" if setting == "echo" else far_side]
        return {**os.environ, "CLIENTS_SETTING": setting, "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": KEY,
                "ANTHROPIC_BASE_URL": server.origin, "ANTHROPIC_API_KEY": KEY, "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONPATH": str(HERE), "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def try_client(client, setting, servers, class_path, logs):
    """What a client's script tells in one setting."""
    began = time.monotonic()
    log = logs / f"{client.name}-{setting}.log"
    with open(log, "wb") as err:
        try:
            done = subprocess.run(
                command_of(client, class_path), env=servers.environment(setting, client.far_side), cwd=logs,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err, timeout=PATIENCE)
            said = done.stdout
        except subprocess.TimeoutExpired as late:
            said = late.stdout or b""
    told = []
    for line in said.decode(errors="replace").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            told.append(json.loads(line))
    told = [line for line in told if isinstance(line, dict) and "feature" in line]
    check(told, f"{client.name} told nothing in {setting}: {log.read_text(errors='replace')[-1500:]}")
    bad = [line for line in told if line["outcome"] == "failed"]
    print(f"{client.name} {told[0]['version']} in {setting}: {len(told) - len(bad)} ok, {len(bad)} failed, "
          f"{time.monotonic() - began:.0f} s", flush=True)
    for line in bad:
        print(f"    {line['feature']}: {line['detail'][:300]}", flush=True)
    return told


class Results:
    """Of each client and feature: in which settings it is ok, in which it failed."""

    def __init__(self):
        self.outcomes = {}
        self.versions = {}

    def add(self, client, setting, told):
        self.versions[client.name] = told[0]["version"]
        for line in told:
            self.outcomes.setdefault((client.name, line["feature"]), {}).setdefault(setting, []).append(line)

    def outcome(self, client, feature, settings):
        """`yes`, or what else; empty where the client has no such feature."""
        lines = self.outcomes.get((client.name, feature), {})
        if not lines or any(line["outcome"] == "lacks" for setting in lines.values() for line in setting):
            return ""
        failed = [setting for setting in settings if any(line["outcome"] == "failed" for line in lines.get(setting, []))]
        if not failed:
            return "yes"
        return "no" if len(failed) == len([setting for setting in settings if setting in lines]) \
            else f"not {', '.join(failed)}"

    def failures(self):
        return [(name, setting, line) for (name, _), settings in sorted(self.outcomes.items())
                for setting, lines in settings.items() for line in lines if line["outcome"] == "failed"]

    def count(self):
        return sum(len(lines) for settings in self.outcomes.values() for lines in settings.values())


def tables(results, clients, settings):
    libraries = [client for client in clients if client.kind == "library"]
    tools = [client for client in clients if client.kind == "tool"]
    parts = [features_table(results, libraries, settings), features_table(results, tools, settings),
             readme_table(results, tools, settings)]
    return "\n\n".join(part for part in parts if part)


def features_table(results, clients, settings):
    told = {feature for name, feature in results.outcomes for client in clients if client.name == name}
    plain = [feature for feature in told if not feature.startswith("README")]
    rows = [[""] + [client.title for client in clients], ["version"] + [results.versions[c.name] for c in clients]]
    for feature in sorted(plain, key=lambda f: (FEATURES.index(f) if f in FEATURES else len(FEATURES), f)):
        rows.append([feature] + [results.outcome(client, feature, settings) or "–" for client in clients])
    return table(rows) if clients else ""


def readme_table(results, tools, settings):
    rows = [["tool", "example of its README", "works"]]
    for client in tools:
        for name, feature in results.outcomes:
            if name == client.name and feature.startswith("README: "):
                rows.append([client.title, feature.removeprefix("README: "), results.outcome(client, feature, settings)])
    return table(rows[:1] + sorted(rows[1:])) if len(rows) > 1 else ""


def table(rows):
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def with_tables(page, made, begin=BEGIN, end=END):
    before, rest = page.split(begin, 1)
    return f"{before}{begin}\n{made}\n{end}{rest.split(end, 1)[1]}"


def differences(committed, made):
    old, new = committed.splitlines(), made.splitlines()
    return [f"- {line}" for line in old if line not in new] + [f"+ {line}" for line in new if line not in old]


def options():
    parser = argparse.ArgumentParser(description="Real clients against `batchwright serve`.")
    parser.add_argument("--client", action="append", choices=[client.name for client in CLIENTS], help="these alone")
    parser.add_argument("--setting", action="append", choices=SETTINGS, help="these alone")
    parser.add_argument("--newest", action="store_true", help="the newest versions instead of those of the tables")
    parser.add_argument("--at-once", type=int, default=3, help="scripts at the same time")
    parser.add_argument("--write", action="store_true", help="writes the tables of docs/clients.md")
    parser.add_argument("--check", action="store_true", help="fails if the tables of docs/clients.md are others")
    return parser.parse_args()


def main():
    wanted = options()
    clients = [client for client in CLIENTS if not wanted.client or client.name in wanted.client]
    settings = [setting for setting in SETTINGS if not wanted.setting or setting in wanted.setting]
    check(not (wanted.write or wanted.check) or (len(clients), len(settings)) == (len(CLIENTS), len(SETTINGS)),
          "the tables are made of all clients in all settings")
    began = time.monotonic()
    build()
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(wanted.at_once) as pool:
        list(pool.map(lambda client: install(client, wanted.newest), clients))
    class_path = java_class_path() if any(client.name == "openai-java" for client in clients) else ""
    print(f"installed after {time.monotonic() - began:.0f} s", flush=True)

    results = Results()
    logs = INSTALLED / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    with tempfile.TemporaryDirectory(prefix="batchwright-clients-") as folder, contextlib.ExitStack() as stack, \
            concurrent.futures.ThreadPoolExecutor(wanted.at_once) as pool:
        servers = Servers(pathlib.Path(folder), stack, settings, {client.far_side for client in clients})
        told = {(client, setting): pool.submit(try_client, client, setting, servers, class_path, logs)
                for client in clients for setting in settings}
        for (client, setting), future in told.items():
            results.add(client, setting, future.result())

    failed = len(results.failures())
    made = tables(results, clients, settings)
    if wanted.write:
        TABLES.write_text(with_tables(TABLES.read_text(encoding="utf-8"), made), encoding="utf-8")
    elif wanted.check:
        committed = TABLES.read_text(encoding="utf-8").split(BEGIN, 1)[1].split(END, 1)[0].strip()
        different = differences(committed, made)
        if different:
            print("docs/clients.md has other tables (campaign/clients/run.py --write writes them):")
            print("\n".join(different))
            print(f"clients: {results.count() - failed} passed, {failed + 1} failed")
            return 1
    else:
        print(made)
    print(f"clients: {results.count() - failed} passed, {failed} failed, {time.monotonic() - began:.0f} s")
    # What the committed tables say does not work is known.
    return 1 if failed and not wanted.check else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Broken as problem:
        print(f"clients: {problem}", file=sys.stderr)
        sys.exit(1)
