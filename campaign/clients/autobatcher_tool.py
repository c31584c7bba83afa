"""The tool `autobatcher`: the examples of its README, and its own `serve` in front of ours.

Two versions: 0.6.0 batches all that it is given; newer ones make responses in the background of
chat completions and responses, and batches only when told `completion_window="24h"`.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from importlib.metadata import version

from autobatcher import BatchOpenAI
from openai import OpenAI

from report import BASE_URL, EMBEDDING_MODEL, KEY, MODEL, PATIENCE, Report, check, echoed

report = Report("autobatcher", version("autobatcher"))
ONLY_BATCHES = version("autobatcher").startswith("0.6.")
QUICK = {"batch_window_seconds": 0.3, "poll_interval_seconds": 0.3}


def new_client(**more):
    # Both explicitly: it ignores the environment where it downloads results.
    return BatchOpenAI(api_key=KEY, base_url=BASE_URL, **QUICK, **more)


@report.feature("README: chat completions")
async def chat_completions():
    client = new_client()
    response = await client.chat.completions.create(
        model="gpt-4o", messages=[{"role": "user", "content": "What is 2+2?"}])
    echoed("What is 2+2?", response.choices[0].message.content)
    await client.close()


@report.feature("README: embeddings")
async def embeddings():
    async with new_client() as client:
        response = await client.embeddings.create(model=EMBEDDING_MODEL, input="Hello, world!")
        check(len(response.data[0].embedding[:5]) == 5, f"{response}")


@report.feature("README: responses")
async def responses():
    async with new_client() as client:
        response = await client.responses.create(model="gpt-4o", input="Explain quantum computing in one sentence.")
        echoed("Explain quantum computing", response.output[0].content[0].text)


@report.feature("README: parallel requests")
async def parallel_requests():
    async with new_client() as client:
        async def ask(i):
            response = await client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": f"Number {i}."}])
            echoed(f"Number {i}.", response.choices[0].message.content)
        await asyncio.gather(*(ask(i) for i in range(50)))


@report.feature("README: mixed endpoints")
async def mixed_endpoints():
    async with new_client() as client:
        chat, embedding = await asyncio.gather(
            client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello!"}]),
            client.embeddings.create(model=EMBEDDING_MODEL, input="Hello!"))
        echoed("Hello!", chat.choices[0].message.content)
        check(embedding.data[0].embedding, f"{embedding}")


@report.feature("batches")
async def batches():
    events = []
    async with new_client(completion_window="24h", batch_metadata={"a": "b"},
                          batch_event_handler=events.append) as client:
        async def ask(i):
            response = await client.chat.completions.create(
                model=MODEL, messages=[{"role": "user", "content": f"Number {i}."}])
            echoed(f"Number {i}.", response.choices[0].message.content)
        answer, *_ = await asyncio.gather(client.responses.create(model=MODEL, input="Good day"),
                                          *(ask(i) for i in range(20)))
        echoed("Good day", answer.output_text)
    names = [event["event"] for event in events]
    check("batch_submitted" in names and "batch_completed" in names, f"{names}")
    check(all(event["metadata"] == {"a": "b"} for event in events if event["event"] == "batch_submitted"), f"{events}")


@report.feature("cancelled batches")
async def cancelled_batches():
    events = []
    client = new_client(completion_window="24h", batch_event_handler=events.append,
                        cancel_active_batches_on_close=True)
    waiting = [asyncio.create_task(client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": f"Unwanted {i}."}])) for i in range(200)]
    end = time.monotonic() + PATIENCE
    while not events:
        check(time.monotonic() < end, "no batch is submitted")
        await asyncio.sleep(0.01)
    await client.close()
    await asyncio.gather(*waiting, return_exceptions=True)
    names = [event["event"] for event in events]
    check("client_closing" in names, f"{names}")
    check("batch_cancelled_upstream" in names or "batch_cancel_failed" in names or "batch_completed" in names, f"{names}")


class Proxy:
    """`autobatcher serve` on a free port."""

    def __init__(self, *arguments):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [os.path.join(os.path.dirname(sys.executable), "autobatcher"), "serve", "--base-url", BASE_URL,
             "--api-key", KEY, "--host", "127.0.0.1", "--port", str(self.port), "--batch-window", "0.3",
             "--poll-interval", "0.3", "--batch-metadata", "benchmark_id=here", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        end = time.monotonic() + 60
        while not self._healthy():
            check(self.process.poll() is None and time.monotonic() < end, "autobatcher serve does not start")
            time.sleep(0.1)

    def _healthy(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as answer:
                return answer.read() == b"ok"
        except (urllib.error.URLError, OSError):
            return False

    def end(self):
        """Returns the events that it told."""
        self.process.send_signal(signal.SIGTERM)
        try:
            out, _ = self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, _ = self.process.communicate()
        return [json.loads(line) for line in out.splitlines() if line.startswith("{")]


def chained(*arguments):
    proxy = Proxy(*arguments)
    try:
        client = OpenAI(base_url=f"http://127.0.0.1:{proxy.port}/v1", api_key="dummy", max_retries=0, timeout=PATIENCE)
        answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Good day"}])
        echoed("Good day", answer.choices[0].message.content)
        chunks = client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "one two three"}], stream=True)
        echoed("one two three", "".join(chunk.choices[0].delta.content or "" for chunk in chunks))
        echoed("Good day", client.responses.create(model=MODEL, input="Good day").output_text)
        check(client.embeddings.create(model=EMBEDDING_MODEL, input="a", encoding_format="float").data, "no vectors")
    finally:
        events = proxy.end()
    check(any(event["event"] == "batch_completed" for event in events), f"{events}")


@report.feature("README: serve")
def serve():
    chained()


if not ONLY_BATCHES:
    @report.feature("README: serve --mode batch")
    def serve_in_batches():
        chained("--mode", "batch")

report.lacks("files", "only inside")

if __name__ == "__main__":
    report.run(at_once=8)
