"""The tool `openapi-batch`: the examples of its README, its modes and its command line."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import version

from openapi.batch import BatchClient, JobStatus, ResultErr, ResultOk

from report import BASE_URL, HAS_FAR_SIDE, KEY, MODEL, PATIENCE, Report, check, echoed

report = Report("openapi-batch", version("openapi-batch"))
folder = tempfile.mkdtemp(prefix="openapi-batch-")


def new_client(name, **more):
    # Only the base URL and the key are not as in the README; the database is apart for each trial.
    return BatchClient(provider="openai", api_key=KEY, base_url=BASE_URL, default_model=MODEL,
                       db_path=f"{folder}/{name}.db", openai_poll_interval_s=0.3, **more)


@report.feature("README: async batch with callbacks")
def async_batch_with_callbacks():
    progresses, items, over = [], [], threading.Event()
    job = new_client("callbacks").map(
        mode="native",
        items=[{"item_id": "a", "input": {"prompt": "Return OK"}}, {"item_id": "b", "input": {"prompt": "Return YES"}}],
        on_progress=lambda job, p: progresses.append(p),
        on_item=lambda job, item_id, result: items.append((item_id, result)),
        on_complete=lambda job: over.set())
    check(job.job_id.startswith("job_"), f"{job.job_id}")
    check(over.wait(PATIENCE), f"it does not end: {job.status()}")
    check(job.status() == JobStatus.COMPLETED, f"{job.status()}, {items}")
    echoed("Return OK", dict(items)["a"].value["output"])
    echoed("Return YES", dict(items)["b"].value["output"])
    check(any(getattr(p, "provider_job_ref", "").startswith("batch_") for p in progresses), f"{progresses}")


@report.feature("README: callbacks in a thread pool")
def callbacks_in_a_thread_pool():
    items, over = [], threading.Event()
    new_client("pool").map(
        items=[{"item_id": f"i{i}", "input": {"prompt": f"Item {i}."}} for i in range(20)],
        on_progress=lambda job, p: None, on_item=lambda job, item_id, result: items.append(result),
        on_complete=lambda job: over.set(), callback_executor="thread", callback_workers=8)
    check(over.wait(PATIENCE), "it does not end")
    end = time.monotonic() + 10  # Its pool may still be at work when it says that it is done.
    while len(items) < 20 and time.monotonic() < end:
        time.sleep(0.05)
    check(len(items) == 20 and all(isinstance(item, ResultOk) for item in items), f"{items}")


@report.feature("README: blocking mode")
def blocking_mode():
    job = new_client("blocking").map(items=[{"item_id": "a", "input": {"prompt": "Good day"}}],
                                     async_submit=False)
    job.wait()
    echoed("Good day", str(job.results_dict()["a"].value))


@report.feature("README: job, item, result mapping")
def job_item_result_mapping():
    job = new_client("mapping").map(items=[{"input": {"prompt": "Nameless"}}], mode="auto", async_submit=False)
    check(job.status() == JobStatus.COMPLETED and job.progress().ok == 1 and job.info(), f"{job.status()}")
    (result,) = job.results_dict().values()
    echoed("Nameless", str(result.value))


@report.feature("batches")
def native():
    job = new_client("native").map(items=[{"item_id": f"i{i}", "input": {"prompt": f"Item {i}."}} for i in range(10)],
                                   mode="native", async_submit=False)
    check(job.status() == JobStatus.COMPLETED, f"{job.status()}")
    results = job.results_dict()
    for i in range(10):
        echoed(f"Item {i}.", results[f"i{i}"].value["output"])


@report.feature("batches with failures", only_if=HAS_FAR_SIDE)
def native_with_failures():
    items = [{"item_id": f"i{i}", "input": {"messages": [] if i == 2 else [{"role": "user", "content": f"Item {i}."}]}}
             for i in range(5)]
    job = new_client("failures").map(items=items, mode="native", async_submit=False)
    check(job.status() == JobStatus.PARTIAL, f"{job.status()}")
    results = job.results_dict()
    check([id for id, result in results.items() if isinstance(result, ResultErr)] == ["i2"], f"{results}")


@report.feature("chat")
def emulated():
    job = new_client("emulated").map(items=[{"item_id": f"i{i}", "input": {"prompt": f"Item {i}."}} for i in range(10)],
                                     mode="emulated", concurrency=10, async_submit=False)
    check(job.status() == JobStatus.COMPLETED, f"{job.status()}")
    for i in range(10):
        echoed(f"Item {i}.", str(job.results_dict()[f"i{i}"].value))


@report.feature("command line")
def command_line():
    # `run` ends with its process, before its job has (a fault of its own): a Python that outlives the job runs it.
    items, db, out = f"{folder}/items.jsonl", f"{folder}/cli.db", f"{folder}/out.jsonl"
    with open(items, "w", encoding="utf-8") as file:
        for i in range(3):
            file.write(json.dumps({"item_id": f"i{i}", "input": {"prompt": f"Item {i}."}}) + "\n")
    patient = ("import sys, threading; from openapi.batch import cli; sys.argv = sys.argv[1:]; cli.main(); "
               "[thread.join(60) for thread in threading.enumerate() if thread.name.startswith('openapi-batch-')]")
    ran = subprocess.run(
        [sys.executable, "-c", patient, "openapi-batch", "run", "--provider", "openai", "--db", db, "--items", items,
         "--mode", "native", "--model", MODEL, "--base-url", BASE_URL, "--api-key", KEY,
         "--openai-poll-interval-s", "0.3"], capture_output=True, text=True, timeout=PATIENCE, check=True)
    job = json.loads(ran.stdout)["job_id"]
    tool = os.path.join(os.path.dirname(sys.executable), "openapi-batch")
    said = subprocess.run([tool, "status", "--db", db, "--job", job], capture_output=True, text=True, check=True)
    check(json.loads(said.stdout)["progress"]["ok"] == 3, f"{said.stdout}")
    subprocess.run([tool, "export", "--db", db, "--job", job, "--only", "ok", "--out", out], check=True,
                   stdout=subprocess.DEVNULL)
    with open(out, encoding="utf-8") as file:
        check(len(file.readlines()) == 3, "not all were exported")


report.lacks("embeddings", "it sends chat bodies whatever the endpoint")
report.lacks("responses", "it sends chat bodies whatever the endpoint")
report.lacks("cancelled batches", "it can't cancel")

if __name__ == "__main__":
    with contextlib.chdir(folder) if hasattr(contextlib, "chdir") else contextlib.nullcontext():
        report.run()
