"""The tool `openai-batch` 0.3.2 (newer ones can't submit): the examples of its README and its command line."""

import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version

from openai_batch import Batch
from openai_batch.providers import Provider

from report import BASE_URL, EMBEDDING_MODEL, HAS_FAR_SIDE, KEY, MODEL, PATIENCE, SETTING, Report, check, echoed

report = Report("openai-batch", version("openai-batch"))
folder = pathlib.Path(tempfile.mkdtemp(prefix="openai-batch-"))
INTERVAL = 0.3
# It polls every 60 s, and the first time at once: from then on, that is.
SLOW_POLL = 100


def here():
    # Its providers by name or model have fixed addresses; so the README's `Batch()` becomes `Batch(provider=...)`.
    return Provider(base_url=BASE_URL, api_key=KEY, requires_consistency=False)


def lines(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines()]


def new_batch(name, **more):
    return Batch(submission_input_file=folder / f"{name}.jsonl", output_file=str(folder / f"{name}-out.jsonl"),
                 error_file=str(folder / f"{name}-err.jsonl"), provider=here(), **more)


@report.feature("README: basic usage")
def basic_usage():
    with new_batch("basic") as batch:
        objects = ["cat", "robot", "coffee mug", "spaceship", "banana"]
        for i in range(100):
            batch.add_to_batch(
                model="meta-llama/Meta-Llama-3-8B-Instruct", temperature=0.7, max_completion_tokens=1000,
                messages=[{"role": "user", "content": f"Tell me joke {i} about a {random.choice(objects)}"}])
        result, output_path, error_path = batch.submit_wait_download(interval=INTERVAL)
    check(result.status == "completed", f"{result}")
    answers = {line["custom_id"]: line["response"]["body"]["choices"][0]["message"]["content"]
               for line in lines(output_path)}
    for i in range(100):
        echoed(f"Tell me joke {i} about", answers[f"line-{i + 1}"])


@report.feature("README: embedding batches")
def embedding_batches():
    with new_batch("embeddings") as batch:
        for text in ("The quick brown fox jumps over the lazy dog",
                     "Machine learning models can process natural language"):
            batch.add_to_batch(model=EMBEDDING_MODEL, input=text)
        result, output_path, _ = batch.submit_wait_download(interval=INTERVAL)
    check(result.status == "completed" and len(lines(output_path)) == 2, f"{result}")
    check(lines(output_path)[0]["response"]["body"]["data"][0]["embedding"], "no vector")


@report.feature("README: step by step")
def step_by_step():
    batch = new_batch("steps")
    for thing in ("cat", "robot", "coffee mug", "spaceship", "banana"):
        batch.add_to_batch(model=MODEL, messages=[{"role": "user", "content": f"Tell me a joke about a {thing}"}])
    batch_id = batch.submit(metadata={"a": "b"})
    end = time.monotonic() + PATIENCE
    while (status := batch.status()).status not in ("completed", "failed", "expired", "cancelled"):
        check(time.monotonic() < end, f"{batch_id} stays {status.status}")
        time.sleep(INTERVAL)
    check(status.metadata == {"a": "b"}, f"{status.metadata}")
    output_path, _ = batch.download()
    check(len(lines(output_path)) == 5, "not all results are there")


@report.feature("README: resume a batch")
def resume():
    batch = new_batch("resumed")
    batch.add_to_batch(model=MODEL, messages=[{"role": "user", "content": "Good day"}])
    again = Batch(batch_id=batch.submit(), provider=here(), output_file=str(folder / "resumed-out.jsonl"))
    end = time.monotonic() + PATIENCE
    while (status := again.status().status) != "completed":
        check(time.monotonic() < end and status not in ("failed", "expired", "cancelled"), f"it stays {status}")
        time.sleep(INTERVAL)
    output_path, _ = again.download()
    echoed("Good day", lines(output_path)[0]["response"]["body"]["choices"][0]["message"]["content"])


# What the far side calls images and scores is not part of OpenAI's batches; the echo has all of them.
@report.feature("scores, ranks, pictures", only_if=SETTING == "echo")
def other_endpoints():
    for name, requests in {
            "score": [{"model": "m", "text_1": "a", "text_2": "b"}],
            "rerank": [{"model": "m", "query": "a", "documents": ["b", "c"]}],
            "pictures": [{"model": "Shitao/OmniGen-v1", "prompt": "A cat", "size": "64x64", "response_format": "b64_json",
                          "image": "data:image/png;base64,iVBORw0KGgo="}]}.items():
        with new_batch(name) as batch:
            for request in requests:
                batch.add_to_batch(**request)
            result, output_path, _ = batch.submit_wait_download(interval=INTERVAL)
        check(result.status == "completed" and lines(output_path)[0]["response"]["status_code"] == 200, f"{name}: {result}")


@report.feature("batches with failures", only_if=HAS_FAR_SIDE)
def batches_with_failures():
    with new_batch("failures") as batch:
        for i in range(5):
            batch.add_to_batch(model=MODEL, messages=[] if i == 2 else [{"role": "user", "content": f"Item {i}."}])
        result, output_path, error_path = batch.submit_wait_download(interval=INTERVAL)
    check(result.status == "completed" and len(lines(output_path)) == 4, f"{result}")
    check([line["custom_id"] for line in lines(error_path)] == ["line-3"], f"{lines(error_path)}")


def module(name, *arguments, stdin=""):
    return subprocess.run([sys.executable, "-m", f"openai_batch.{name}", *arguments], input=stdin, text=True,
                          capture_output=True, timeout=SLOW_POLL, cwd=folder, env=dict(os.environ), check=True).stdout


def input_file(name, count=5):
    # The README says create_batch; the module is create_batch_input.
    prompts = module("example_prompts", "-n", str(count))
    path = folder / name
    path.write_text(module("create_batch_input", "--model", MODEL, stdin=prompts), encoding="utf-8")
    check(len(lines(path)) == count, f"{path.read_text(encoding='utf-8')[:200]}")
    return path


@report.feature("README: command line, OpenAI example")
def command_line():
    path = input_file("cli.jsonl")
    said = module("run", "--base-url", BASE_URL, "--api-key", KEY, "-o", "cli-out.jsonl", "-e", "cli-err.jsonl", str(path))
    check("Created batch_" in said and len(lines(folder / "cli-out.jsonl")) == 5, said)


@report.feature("README: command line, create and resume")
def create_and_resume():
    path = input_file("resume.jsonl")
    # Without a provider it takes the address and the key from the environment.
    said = module("run", "-c", str(path))
    batch_id = said.split("--resume ")[1].split()[0]
    end = time.monotonic() + PATIENCE
    resumed = Batch(batch_id=batch_id, provider=here())
    while resumed.status().status != "completed":
        check(time.monotonic() < end, "it is not completed")
        time.sleep(INTERVAL)
    module("run", "--resume", batch_id, "-o", "resume-out.jsonl")
    check(len(lines(folder / "resume-out.jsonl")) == 5, "not all results are there")


@report.feature("README: command line, dry run")
def dry_run():
    check("5 requests" in module("run", "-n", str(input_file("dry.jsonl"))), "it does not count")


for lacking, why in (("responses", "it knows chat, embeddings, scores, ranks and pictures"),
                     ("cancelled batches", "it can't cancel")):
    report.lacks(lacking, why)

if __name__ == "__main__":
    report.run(at_once=8)
