"""The product as real processes: the launcher, the simulator with its bill, and what a store holds."""

import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
LAUNCHER = ROOT / "batchwright"
PATIENCE = 600


class Broken(Exception):
    """Something that was promised does not hold."""


def check(holds, message):
    if not holds:
        raise Broken(message)


def build():
    """Lets the launcher build now, so that no process under test does it."""
    subprocess.run([LAUNCHER, "--version"], check=True, stdout=subprocess.DEVNULL)


def build_bench():
    """Compiles the programs of the module bench, if that was not done."""
    classes = ROOT / "bench" / "target" / "classes"
    newest = max(file.stat().st_mtime for file in (ROOT / "bench" / "src").rglob("*.java"))
    compiled = [file.stat().st_mtime for file in classes.rglob("*.class")] if classes.exists() else []
    if not compiled or max(compiled) < newest:
        subprocess.run(["mvn", "-q", "-B", "-Dmaven.test.skip=true", "-pl", "bench", "-am", "package"], cwd=ROOT, check=True)


def bench_java():
    """How a program of the module bench is started."""
    path = f"{ROOT / 'bench' / 'target' / 'classes'}:{ROOT / 'cli' / 'target' / 'lib'}/*"
    return [java(), "--enable-native-access=ALL-UNNAMED", "-cp", path]


def version(home):
    """The major version of the JDK at a place, by its release file; 0 where there is none."""
    try:
        found = re.search(r'^JAVA_VERSION="(\d+)', (home / "release").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found.group(1)) if found and (home / "bin" / "java").exists() else 0


def java():
    """A JDK 21 or newer: the one that was named, or else the newest."""
    named = [pathlib.Path(os.environ[name]) for name in ("BATCHWRIGHT_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    on_path = [pathlib.Path(os.path.realpath(found)).parent.parent for found in [shutil.which("java")] if found]
    others = sorted(pathlib.Path("/usr/lib/jvm").glob("*"), key=version, reverse=True)
    for home in [*named, *on_path, *others]:
        if version(home) >= 21:
            return str(home / "bin" / "java")
    raise Broken("no JDK 21 or newer was found; set JAVA_HOME")


class Command:
    """A batchwright command under way. The launcher becomes the JVM, so its pid is the JVM's."""

    def __init__(self, arguments, folder, name, store=None, java_options="", environment=()):
        self.name = name
        self.out_path = folder / f"{name}.out"
        self.err_path = folder / f"{name}.err"
        environment = {**os.environ, **dict(environment), "BATCHWRIGHT_JAVA_OPTS": java_options}
        if store:
            environment["BATCHWRIGHT_STORE"] = str(store)
        with open(self.out_path, "wb") as out, open(self.err_path, "wb") as err:
            self.process = subprocess.Popen(
                [str(LAUNCHER), *map(str, arguments)],
                cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=out, stderr=err)

    @property
    def pid(self):
        return self.process.pid

    def ended(self):
        return self.process.poll() is not None

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.process.kill()
        return self.process.wait()

    def wait(self, timeout=PATIENCE):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Broken(f"{self.name} did not end in {timeout} s:\n{self.said()}") from None

    def said(self):
        return self.err_path.read_text(errors="replace")

    def until(self, condition, timeout=PATIENCE, every=0.002):
        """True when the condition holds, False if the command ends before that."""
        end = time.monotonic() + timeout
        while not condition():
            if self.ended():
                return False
            check(time.monotonic() < end, f"{self.name} hung for {timeout} s:\n{self.said()}")
            time.sleep(every)
        return True


class Simulator:
    """The other side of the wire, as a process of its own."""

    def __init__(self, folder, *arguments, java_options="", name="simulator"):
        self.command = Command(["simulate", "--port", "0", *arguments], folder, name, java_options=java_options)
        listening = self.command.until(lambda: "/simulator/bill" in self.command.said(), 120)
        check(listening, f"the simulator did not start:\n{self.command.said()}")
        self.base_url = re.search(r"listening on (\S+)", self.command.said()).group(1)
        self.bill_url = self.base_url.removesuffix("/v1") + "/simulator/bill"

    def bill(self, window="10s"):
        with urllib.request.urlopen(f"{self.bill_url}?window={window}", timeout=60) as reply:
            return json.load(reply)

    def quiet_bill(self):
        """The bill when nothing is under way any more."""
        for _ in range(1000):
            bill = self.bill()
            if bill["concurrency"]["now"] == 0:
                return bill
            time.sleep(0.02)
        raise Broken("calls at the simulator never end")

    def forget(self):
        self.quiet_bill()
        request = urllib.request.Request(self.bill_url, method="DELETE")
        urllib.request.urlopen(request, timeout=60).close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.command.kill()


class Server:
    """`batchwright serve` as a process. Killed at the end, as whoever trusts its store may do."""

    def __init__(self, folder, *arguments, name="server", java_options="", environment=()):
        self.command = Command(["serve", *arguments], folder, name, folder / f"{name}.db", java_options, environment)
        serving = self.command.until(lambda: "Serving on " in self.command.said(), 120)
        check(serving, f"the server did not start:\n{self.command.said()}{self.command.out_path.read_text()}")
        self.origin = re.search(r"Serving on (\S+)", self.command.said()).group(1)
        self.base_url = f"{self.origin}/v1"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.command.kill()


class Records:
    """What the segments of a store hold: the answer recorded for each item, as bytes.

    Every complete line counts as acknowledged: after a kill it is there to be replayed, whether
    or not its writer lived to be told so. A line behind the end of a suspended writer is apart,
    because its lease may be over.
    """

    ANSWER = b'"response":'

    def __init__(self):
        self.read_to = {}
        self.incomplete = {}
        self.jobs = set()
        self.suspended = set()
        self.answers = {}
        self.late = {}

    def suspend(self):
        """The writers of now are about to be suspended: what they write later is apart."""
        self.look()
        self.suspended.update(self.read_to)

    def look(self):
        """Reads on; says how many items have an answer."""
        for job, segment, text in self.unread():
            self._take(job, segment, text)
        return len(self.answers)

    def _take(self, job, segment, text):
        self.jobs.add(job)
        self.read_to[segment] = self.read_to.get(segment, 0) + len(text)
        text = self.incomplete.pop(segment, b"") + text
        complete = text.rfind(b"\n") + 1
        self.incomplete[segment] = text[complete:]
        for line in text[:complete].splitlines():
            document = line[: line.rindex(b"\t")]
            seq = int(re.match(rb'\{"seq":(\d+),', document).group(1))
            answer = document[document.index(self.ANSWER):-1]
            if segment in self.suspended:
                self.late[seq] = answer
                continue
            check(seq not in self.answers, f"item {seq} was recorded twice, again in {segment}")
            self.answers[seq] = answer

    def answer(self, seq):
        return self.answers.get(seq) or self.late.get(seq)


class FileRecords(Records):
    """Beside a SQLite database the segments are files."""

    def __init__(self, store):
        super().__init__()
        self.folder = pathlib.Path(f"{store}-segments")

    def unread(self):
        for path in self.folder.glob("job_*/outcomes-*.jsonl"):
            with open(path, "rb") as segment:
                segment.seek(self.read_to.get(path.name, 0))
                yield path.parent.name, path.name, segment.read()


class TableRecords(Records):
    """In PostgreSQL they are pieces in a table."""

    def __init__(self, postgres, database):
        super().__init__()
        self.postgres = postgres
        self.database = database

    def unread(self):
        tables = self.postgres.query(self.database, "select count(*) from pg_tables where tablename = 'segment_chunk'")
        if tables == ["0"]:
            return
        seen = "".join(f" and not (segment = '{name}' and start_offset < {end})" for name, end in self.read_to.items())
        for row in self.postgres.query(
                self.database,
                "select job_id, segment, encode(data, 'hex') from segment_chunk where segment like 'outcomes-%'"
                f"{seen} order by segment, start_offset"):
            job, segment, data = row.split("|")
            yield job, segment, bytes.fromhex(data)


class Postgres:
    """A PostgreSQL server of its own, on a free port of the loopback."""

    def __init__(self, folder):
        programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin: int(bin.parent.name))
        check(programs, "there is no PostgreSQL server here (Debian: apt-get install postgresql)")
        # The server refuses to run as root.
        self.user = "postgres" if os.getuid() == 0 else None
        self.data = folder / "postgres"
        self.data.mkdir()
        if self.user:
            folder.chmod(0o755)
            shutil.chown(self.data, self.user)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        subprocess.run([programs[-1] / "initdb", "-D", self.data, "-U", "postgres", "-A", "trust"],
                       user=self.user, cwd=self.data, check=True, stdout=subprocess.DEVNULL)
        self.process = subprocess.Popen(
            [programs[-1] / "postgres", "-D", self.data, "-p", str(self.port), "-k", self.data,
             "-c", "listen_addresses=127.0.0.1"],
            user=self.user, cwd=self.data, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while not self.process.poll() and not self._answers():
            check(time.monotonic() < end, "PostgreSQL does not start")
            time.sleep(0.1)

    def _answers(self):
        return subprocess.run([*self._psql("postgres"), "select 1"], capture_output=True).returncode == 0

    def _psql(self, database):
        return ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database, "-Atc"]

    def query(self, database, sql):
        done = subprocess.run([*self._psql(database), sql], check=True, capture_output=True, text=True)
        return done.stdout.splitlines()

    def create(self, database):
        """Returns the URL of a new store."""
        self.query("postgres", f"create database {database}")
        return f"jdbc:postgresql://127.0.0.1:{self.port}/{database}?user=postgres"

    def close(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
