"""One batch through one of the tools: `one_batch.py TOOL`, texts as a JSON list on standard input.

An empty text becomes a request without messages, which the far side refuses. Prints what the tool's user gets: for
each text `{"ok": answer}` or `{"error": reason}`, by position.
"""

import asyncio
import json
import os
import pathlib
import sys
import tempfile

BASE_URL = os.environ["OPENAI_BASE_URL"]
KEY = os.environ["OPENAI_API_KEY"]
MODEL = "gpt-4o-mini"
INTERVAL = 0.3


def messages(text):
    return [{"role": "user", "content": text}] if text else []


def openapi_batch(texts):
    from openapi.batch import BatchClient, ResultOk

    with tempfile.TemporaryDirectory() as folder:
        client = BatchClient(provider="openai", api_key=KEY, base_url=BASE_URL, default_model=MODEL,
                             db_path=f"{folder}/batches.db", openai_poll_interval_s=INTERVAL)
        job = client.map(items=[{"item_id": str(i), "input": {"messages": messages(text)}}
                                for i, text in enumerate(texts)], mode="native", async_submit=False)
        results = job.results_dict()
    return [{"ok": results[str(i)].value["output"]} if isinstance(results.get(str(i)), ResultOk)
            else {"error": str(results.get(str(i)))} for i in range(len(texts))]


def batch_openai(texts):
    from batch_openai import BatchJobError, BatchRequestBuilder
    from openai import OpenAI

    builder = BatchRequestBuilder()
    for i, text in enumerate(texts):
        builder.add(messages=messages(text), model=MODEL, custom_id=str(i))
    try:
        result = builder.submit(OpenAI(), description="one batch").wait(poll_interval=INTERVAL)
    except BatchJobError as error:
        return [{"error": str(error)} for _ in texts]
    items = {item.custom_id: item for item in result}
    return [{"ok": items[str(i)].content} if items[str(i)].error is None else {"error": str(items[str(i)].error)}
            for i in range(len(texts))]


def openai_batch(texts):
    from openai_batch import Batch
    from openai_batch.providers import Provider

    with tempfile.TemporaryDirectory() as made:
        folder = pathlib.Path(made)
        batch = Batch(submission_input_file=folder / "in.jsonl", output_file=str(folder / "out.jsonl"),
                      error_file=str(folder / "err.jsonl"), provider=Provider(base_url=BASE_URL, api_key=KEY))
        for text in texts:
            batch.add_to_batch(model=MODEL, messages=messages(text))
        sys.stdout, kept = sys.stderr, sys.stdout  # It tells its status there.
        _, output, errors = batch.submit_wait_download(interval=INTERVAL)
        sys.stdout = kept
        said = {}
        for path in (output, errors):
            if path and pathlib.Path(path).exists():
                for line in map(json.loads, pathlib.Path(path).read_text(encoding="utf-8").splitlines()):
                    said[line["custom_id"]] = line
    results = []
    for i in range(len(texts)):
        line = said.get(f"line-{i + 1}", {"error": "in no file"})
        body = (line.get("response") or {}).get("body") or {}
        results.append({"ok": body["choices"][0]["message"]["content"]} if "choices" in body else {"error": str(line)})
    return results


def autobatcher(texts):
    from autobatcher import BatchOpenAI

    async def all_of_them():
        async with BatchOpenAI(api_key=KEY, base_url=BASE_URL, batch_window_seconds=INTERVAL,
                               poll_interval_seconds=INTERVAL, completion_window="24h") as client:
            return await asyncio.gather(
                *(client.chat.completions.create(model=MODEL, messages=messages(text)) for text in texts),
                return_exceptions=True)
    return [{"error": repr(answer)} if isinstance(answer, BaseException)
            else {"ok": answer.choices[0].message.content} for answer in asyncio.run(all_of_them())]


if __name__ == "__main__":
    tool = {"openapi-batch": openapi_batch, "batch-openai": batch_openai, "openai-batch": openai_batch,
            "autobatcher": autobatcher}[sys.argv[1]]
    print(json.dumps(tool(json.load(sys.stdin))))
