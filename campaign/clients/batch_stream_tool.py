"""The tool `batch-stream-openai`: the examples of its README, redirected by the environment alone."""

from importlib.metadata import version

import openai
from batch_stream_openai import OpenAIRequest, run_batch, stream_batch

from report import HAS_FAR_SIDE, MODEL, SETTING, STUMBLES, Report, check, echoed

report = Report("batch-stream-openai", version("batch-stream-openai"))
QUESTIONS = ["What is 2+2?", "What is the capital of France?"]


def requests(texts, api="chat", **more):
    return [OpenAIRequest(system_prompt="You are a helpful assistant.", user_prompt=text, model=MODEL, api=api, **more)
            for text in texts]


@report.feature("README: stream results as they complete")
def streamed():
    results = dict(stream_batch(requests(QUESTIONS), max_concurrency=5))
    for i, question in enumerate(QUESTIONS):
        echoed(question, results[i])


@report.feature("README: collect all results in order")
def collected():
    for question, result in zip(QUESTIONS, run_batch(requests(QUESTIONS))):
        echoed(question, result)


@report.feature("chat")
def chat():
    texts = [f"Number {i}." for i in range(30)]
    for text, result in zip(texts, run_batch(requests(texts), max_concurrency=30)):
        echoed(text, result)


@report.feature("responses")
def responses():
    texts = [f"Number {i}." for i in range(10)]
    for text, result in zip(texts, run_batch(requests(texts, "responses"), max_concurrency=10)):
        echoed(text, result)


# It sends nothing that the far side would refuse by itself; faults on demand are of its live calls only.
@report.feature("error objects", only_if=SETTING == "live")
def error_objects():
    good, bad = run_batch(requests(["Good day", "please-refuse this"]))
    echoed("Good day", good)
    check(isinstance(bad, openai.BadRequestError) and bad.body.get("message"), f"{bad!r}")


@report.feature("retries", only_if=HAS_FAR_SIDE)
def retries():
    echoed(f"{STUMBLES} once", run_batch(requests([f"{STUMBLES} once"]))[0])


report.lacks("batches", "it makes ordinary calls")
report.lacks("embeddings", "chat and responses only")

if __name__ == "__main__":
    # Its one client stays bound to the event loop of the first call, which is closed after it: the second call in a
    # process fails with "Event loop is closed", whatever server answers. So each trial is the first.
    report.run(forked=True)
