"""The tool `batch-openai`: the examples of its README and its command line."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
from copy import deepcopy
from dataclasses import dataclass
from importlib.metadata import version

from batch_openai import BatchJob, BatchJobError, BatchRegistry, BatchRequestBuilder
from openai import AsyncOpenAI, OpenAI
from pydantic import BaseModel, ConfigDict

from report import HAS_FAR_SIDE, MODEL, PATIENCE, Report, check, echoed

report = Report("batch-openai", version("batch-openai"))
folder = pathlib.Path(tempfile.mkdtemp(prefix="batch-openai-"))
client = OpenAI()  # As in the README: the address and the key are in the environment.
INTERVAL = 0.3


@dataclass
class Document:
    id: int
    title: str
    text: str


documents = [Document(i, f"Title {i}", f"Text {i}.") for i in range(10)]


@report.feature("README: quick start")
def quick_start():
    builder = BatchRequestBuilder()
    for document in documents:
        builder.add(messages=[{"role": "user", "content": f"Summarise this: {document.text}"}], model="gpt-5.4-mini",
                    custom_id=f"doc-{document.id}")
    job = builder.submit(client, description="doc summarisation")
    check(job.batch_id and job.description == "doc summarisation", f"{job.batch_id}, {job.description}")
    progress = []
    result = job.wait(poll_interval=INTERVAL,
                      on_progress=lambda b: progress.append((b.status, b.request_counts.completed)))
    check((len(result.succeeded), len(result.failed)) == (10, 0), f"{result.failed}")
    check(progress[-1] == ("completed", 10), f"{progress}")
    for item in result.succeeded:
        echoed(f"Text {item.custom_id.removeprefix('doc-')}.", item.content)


@report.feature("README: async support")
async def async_support():
    async with AsyncOpenAI() as there:
        builder = BatchRequestBuilder()
        for document in documents:
            builder.add(messages=[{"role": "user", "content": f"Summarise: {document.text}"}], model=MODEL,
                        custom_id=f"doc-{document.id}")
        job = await builder.async_submit(there, description="async run")
        result = await job.await_completion(poll_interval=INTERVAL)
        check(len(result.succeeded) == 10, f"{result.failed}")


class Summary(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    key_points: list[str]


def strip_titles(node):
    if isinstance(node, dict):
        return {key: strip_titles(value) for key, value in node.items() if key != "title" or isinstance(value, dict)}
    return [strip_titles(value) for value in node] if isinstance(node, list) else node


@report.feature("README: structured output")
def structured_output():
    builder = BatchRequestBuilder()
    for document in documents:
        # The echo says what it was told: a document that fits.
        told = json.dumps({"title": document.title, "key_points": [document.text]})
        builder.add(messages=[{"role": "user", "content": told}], model="gpt-5.4-mini",
                    response_format={"type": "json_schema", "json_schema": {
                        "name": "summary", "schema": strip_titles(deepcopy(Summary.model_json_schema())),
                        "strict": True}}, custom_id=f"doc-{document.id}")
    result = builder.submit(client).wait(poll_interval=INTERVAL)
    summaries = result.parse(Summary)
    check(len(summaries) == 10 and all(isinstance(summary.key_points, list) for summary in summaries), f"{summaries}")


@report.feature("README: results joined with inputs")
def joined():
    builder = BatchRequestBuilder()
    for document in documents:
        builder.add(messages=[{"role": "user", "content": document.text}], model=MODEL, custom_id=f"doc-{document.id}")
    result = builder.submit(client).wait(poll_interval=INTERVAL)
    for item in result.join(documents, key=lambda document: f"doc-{document.id}"):
        echoed(item.input.text, item.output.content)


def submitted(text="Good day", count=1):
    builder = BatchRequestBuilder()
    for i in range(count):
        builder.add(messages=[{"role": "user", "content": f"{text} {i}."}], model=MODEL)
    return builder.submit(client, description="nightly eval")


@report.feature("README: jobs across sessions")
def jobs_across_sessions():
    registry = BatchRegistry(folder / "sessions")
    job = submitted()
    registry.track(job)
    again = registry.get(job.batch_id, client)
    check(len(again.wait(poll_interval=INTERVAL).succeeded) == 1, "it was not taken up again")
    check(BatchJob.from_id(client, job.batch_id).status == "completed", "it is not found by its id")
    registry.update_status(again.batch_id, again.status)
    check([record.status for record in registry.list()] == ["completed"], f"{registry.list()}")
    registry.delete(job.batch_id)


@report.feature("README: raw responses")
def raw_responses():
    builder = BatchRequestBuilder()
    builder.add(messages=[{"role": "user", "content": "Is this review positive? Reply Yes or No."}], model=MODEL,
                max_tokens=50, logprobs=True, top_logprobs=5)
    item = builder.submit(client).wait(poll_interval=INTERVAL).succeeded[0]
    check(item.raw_response["usage"]["total_tokens"] > 0 and item.raw_response["choices"][0]["finish_reason"],
          f"{item.raw_response}")


@report.feature("README: error handling")
def error_handling():
    builder = BatchRequestBuilder()
    for _ in range(2):  # The same id twice: the batch fails when it is validated.
        builder.add(messages=[{"role": "user", "content": "Good day"}], model=MODEL, custom_id="twice")
    try:
        builder.submit(client).wait(poll_interval=INTERVAL)
    except BatchJobError as error:
        check(error.status == "failed" and error.batch_id, f"{error}")
    else:
        check(False, "a batch with an id twice was completed")


@report.feature("batches")
def to_jsonl():
    builder = BatchRequestBuilder()
    builder.add(messages=[{"role": "user", "content": "Good day"}], model=MODEL)
    path = builder.to_jsonl(folder / "requests.jsonl")
    file = client.files.create(file=path, purpose="batch")
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    echoed("Good day", BatchJob.from_id(client, batch.id).wait(poll_interval=INTERVAL).succeeded[0].content)


@report.feature("batches with failures", only_if=HAS_FAR_SIDE)
def batches_with_failures():
    builder = BatchRequestBuilder()
    for i in range(5):
        builder.add(messages=[] if i == 2 else [{"role": "user", "content": f"Item {i}."}], model=MODEL,
                    custom_id=f"i{i}")
    result = builder.submit(client).wait(poll_interval=INTERVAL)
    check(len(result.succeeded) == 4 and [item.custom_id for item in result.failed] == ["i2"], f"{list(result)}")
    check(result.failed[0].error.get("message"), f"{result.failed}")


def tool(*arguments):
    return subprocess.run([os.path.join(os.path.dirname(sys.executable), "batch-openai"), "--registry",
                           str(folder / "cli"), *arguments], capture_output=True, text=True, timeout=PATIENCE, cwd=folder)


@report.feature("command line")
def command_line():
    job = submitted("Listed", 3)
    BatchRegistry(folder / "cli").track(job)
    check(job.batch_id[:22] in tool("list").stdout, "list")
    job.wait(poll_interval=INTERVAL)
    check("Status:      completed" in tool("status", job.batch_id).stdout, f"status: {tool('status', job.batch_id)}")
    downloaded = tool("download", job.batch_id)
    check(len(downloaded.stdout.splitlines()) == 3, f"download: {downloaded}")
    check("Wrote 3" in tool("download", job.batch_id, "--output", "results.jsonl").stdout, "download --output")


@report.feature("cancelled batches")
def cancelled_batches():
    job = submitted("Unwanted", 500)
    said = tool("cancel", job.batch_id)
    if said.returncode:  # It was quicker than we.
        check("409" in said.stderr or "Conflict" in said.stderr, f"{said}")
        return
    check("cancel requested" in said.stdout, f"{said}")
    end = time.monotonic() + PATIENCE
    while "cancelled" not in (status := tool("status", job.batch_id).stdout):
        check(time.monotonic() < end, f"it is not cancelled: {status}")


for lacking in ("embeddings", "responses"):
    report.lacks(lacking, "it makes batches of chat completions only")

if __name__ == "__main__":
    report.run()
