"""LiteLLM: one function for every provider, here for a server that speaks OpenAI's API."""

import asyncio
import io
import json
import os
import time
from importlib.metadata import version

# It would ask a public address for its price list when it is imported.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm  # noqa: E402

from report import (EMBEDDING_MODEL, HAS_FAR_SIDE, KEY, BASE_URL, MODEL, PATIENCE, REFUSED, STUMBLES, Report,  # noqa: E402
                    check, echoed)

litellm.telemetry = False
litellm.suppress_debug_info = True
report = Report("litellm", version("litellm"))
THERE = {"api_base": BASE_URL, "api_key": KEY, "timeout": PATIENCE}
WEATHER = {"type": "function", "function": {
    "name": "weather", "parameters": {"type": "object", "properties": {"city": {"type": "string"}},
                                      "required": ["city"]}}}


def asking(text, **more):
    return {"model": f"openai/{MODEL}", "messages": [{"role": "user", "content": text}], "max_retries": 0,
            **THERE, **more}


@report.feature("chat")
def chat():
    answer = litellm.completion(**asking("Good day"))
    echoed("Good day", answer.choices[0].message.content)
    check(answer.usage.total_tokens > 0, f"{answer.usage}")


@report.feature("tools")
def tools():
    answer = litellm.completion(**asking('{"city": "Utrecht"}', tools=[WEATHER],
                                         tool_choice={"type": "function", "function": {"name": "weather"}}))
    call = answer.choices[0].message.tool_calls[0]
    check(call.function.name == "weather" and "city" in json.loads(call.function.arguments), f"{call}")


@report.feature("streamed chat")
def streamed_chat():
    chunks = list(litellm.completion(**asking("one two three", stream=True)))
    echoed("one two three", "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices))


@report.feature("many at once")
async def many_at_once():
    answers = await asyncio.gather(*(litellm.acompletion(**asking(f"Number {i}.")) for i in range(50)))
    for i, answer in enumerate(answers):
        echoed(f"Number {i}.", answer.choices[0].message.content)


@report.feature("responses")
def responses():
    answer = litellm.responses(model=f"openai/{MODEL}", input="Good day", **THERE)
    echoed("Good day", answer.output_text)


@report.feature("streamed responses")
def streamed_responses():
    events = list(litellm.responses(model=f"openai/{MODEL}", input="one two three", stream=True, **THERE))
    echoed("one two three", "".join(event.delta for event in events if event.type == "response.output_text.delta"))


@report.feature("embeddings")
def embeddings():
    answer = litellm.embedding(model=f"openai/{EMBEDDING_MODEL}", input=["a", "b"], **THERE)
    check(len(answer.data) == 2 and answer.data[0]["embedding"] != answer.data[1]["embedding"], "one vector for two")


@report.feature("moderations")
def moderations():
    answer = litellm.moderation(model="openai/omni-moderation-latest", input="Good day", **THERE)
    check(len(answer.results) == 1, f"{answer}")


@report.feature("error objects", only_if=HAS_FAR_SIDE)
def error_objects():
    try:
        litellm.completion(**asking("Good day", **REFUSED))
    except litellm.BadRequestError as error:
        check(error.status_code == 400 and str(error), f"{error}")
    else:
        check(False, "what the far side refused was answered")


@report.feature("retries", only_if=HAS_FAR_SIDE)
def retries():
    echoed(f"{STUMBLES} once", litellm.completion(**asking(f"{STUMBLES} once", max_retries=4)).choices[0].message.content)


@report.feature("files")
def files():
    file = litellm.create_file(file=("mine.jsonl", b'{"a": 1}\n', "application/jsonl"), purpose="batch",
                               custom_llm_provider="openai", **THERE)
    check(litellm.file_content(file_id=file.id, custom_llm_provider="openai", **THERE).content == b'{"a": 1}\n',
          "its content is another")
    litellm.file_delete(file_id=file.id, custom_llm_provider="openai", **THERE)


@report.feature("batches")
def batches():
    text = "".join(json.dumps({"custom_id": f"r{i}", "method": "POST", "url": "/v1/chat/completions", "body": {
        "model": MODEL, "messages": [{"role": "user", "content": f"Item {i}."}]}}) + "\n" for i in range(10))
    file = litellm.create_file(file=("batch.jsonl", io.BytesIO(text.encode()), "application/jsonl"), purpose="batch",
                               custom_llm_provider="openai", **THERE)
    batch = litellm.create_batch(completion_window="24h", endpoint="/v1/chat/completions", input_file_id=file.id,
                                 custom_llm_provider="openai", metadata={"a": "b"}, **THERE)
    end = time.monotonic() + PATIENCE
    while batch.status not in ("completed", "failed", "expired", "cancelled"):
        check(time.monotonic() < end, f"the batch stays {batch.status}")
        time.sleep(0.2)
        batch = litellm.retrieve_batch(batch_id=batch.id, custom_llm_provider="openai", **THERE)
    check(batch.status == "completed", f"{batch}")
    content = litellm.file_content(file_id=batch.output_file_id, custom_llm_provider="openai", **THERE).content
    answers = {line["custom_id"]: line for line in map(json.loads, content.splitlines())}
    for i in range(10):
        echoed(f"Item {i}.", answers[f"r{i}"]["response"]["body"]["choices"][0]["message"]["content"])


if __name__ == "__main__":
    report.run()
