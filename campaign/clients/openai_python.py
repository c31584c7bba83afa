"""The official `openai` package, as its users call it: 1.60, the last 2.x and the newest."""

import asyncio
import io
import json
import time

import openai
from pydantic import BaseModel

from report import (BASE_URL, EMBEDDING_MODEL, HAS_FAR_SIDE, MODEL, PATIENCE, REFUSED, STUMBLES, Report, check,
                    echoed)

report = Report("openai", openai.__version__)
client = openai.OpenAI(max_retries=0, timeout=PATIENCE)
WEATHER = {"type": "function", "function": {
    "name": "weather", "description": "The weather of a city",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
                   "additionalProperties": False}, "strict": True}}
FORCED = {"type": "function", "function": {"name": "weather"}}


def user(text):
    return [{"role": "user", "content": text}]


@report.feature("chat")
def chat():
    answer = client.chat.completions.create(model=MODEL, temperature=0, messages=[
        {"role": "system", "content": "Be short."}, *user("Good day")])
    echoed("Good day", answer.choices[0].message.content)
    check(answer.choices[0].finish_reason == "stop", f"finish reason {answer.choices[0].finish_reason}")
    check(answer.model and answer.id and answer.object == "chat.completion", f"{answer}")
    check(answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens, f"{answer.usage}")


@report.feature("chat")
def picture():
    answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": [
        {"type": "text", "text": "What is this"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]}])
    echoed("What is this", answer.choices[0].message.content)


@report.feature("chat")
def a_large_body():
    text = "large " * 500_000
    echoed(text[-100:].strip(), client.chat.completions.create(model=MODEL, messages=user(text)).choices[0].message.content)


@report.feature("tools")
def tools():
    answer = client.chat.completions.create(
        model=MODEL, messages=user('{"city": "Utrecht"}'), tools=[WEATHER], tool_choice=FORCED)
    call = answer.choices[0].message.tool_calls[0]
    check(call.function.name == "weather" and call.id and call.type == "function", f"{call}")
    check("city" in json.loads(call.function.arguments), f"{call}")
    after = client.chat.completions.create(model=MODEL, tools=[WEATHER], messages=[
        *user("Weather in Utrecht?"), answer.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "rain"}, *user("And tomorrow?")])
    echoed("And tomorrow?", after.choices[0].message.content)


class Place(BaseModel):
    city: str


@report.feature("structured output")
def structured_output():
    completions = getattr(client.chat.completions, "parse", None) or client.beta.chat.completions.parse
    answer = completions(model=MODEL, messages=user('{"city": "Utrecht"}'), response_format=Place)
    check(isinstance(answer.choices[0].message.parsed, Place), f"{answer}")


@report.feature("several choices")
def several_choices():
    answer = client.chat.completions.create(model=MODEL, messages=user("Thrice"), n=3)
    check([choice.index for choice in answer.choices] == [0, 1, 2], f"{answer}")


@report.feature("streamed chat")
def streamed_chat():
    chunks = list(client.chat.completions.create(
        model=MODEL, messages=user("one two three"), stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    echoed("one two three", text)
    check(chunks[0].choices[0].delta.role == "assistant", f"{chunks[0]}")
    check([chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop", "no finish reason")
    check(chunks[-1].usage is not None and not chunks[-1].choices, f"the last chunk is not the usage: {chunks[-1]}")


@report.feature("streamed tools")
def streamed_tools():
    name, arguments, reasons = "", "", []
    for chunk in client.chat.completions.create(
            model=MODEL, messages=user('{"city": "Utrecht"}'), tools=[WEATHER], tool_choice=FORCED, stream=True):
        for choice in chunk.choices:
            reasons.append(choice.finish_reason)
            for call in choice.delta.tool_calls or []:
                name += call.function.name or ""
                arguments += call.function.arguments or ""
    check(name == "weather" and "city" in json.loads(arguments), f"{name}({arguments})")
    check(reasons[-1] in ("tool_calls", "stop"), f"finish reasons {reasons}")


@report.feature("many at once")
async def many_at_once():
    async with openai.AsyncOpenAI(max_retries=0, timeout=PATIENCE) as many:
        async def ask(i):
            answer = await many.chat.completions.create(model=MODEL, messages=user(f"Number {i}."))
            echoed(f"Number {i}.", answer.choices[0].message.content)
        await asyncio.gather(*(ask(i) for i in range(100)))


if hasattr(client, "responses"):
    @report.feature("responses")
    def responses():
        answer = client.responses.create(model=MODEL, instructions="Be short.", input="Good day")
        echoed("Good day", answer.output_text)
        check(answer.status == "completed" and answer.usage.total_tokens > 0, f"{answer}")

    @report.feature("responses")
    def responses_with_tools():
        answer = client.responses.create(
            model=MODEL, input='{"city": "Utrecht"}', tool_choice={"type": "function", "name": "weather"},
            tools=[{"type": "function", **WEATHER["function"]}])
        call = next(item for item in answer.output if item.type == "function_call")
        check(call.name == "weather" and "city" in json.loads(call.arguments), f"{call}")

    @report.feature("streamed responses")
    def streamed_responses():
        events = list(client.responses.create(model=MODEL, input="one two three", stream=True))
        echoed("one two three", "".join(event.delta for event in events if event.type == "response.output_text.delta"))
        check(events[0].type == "response.created" and events[-1].type == "response.completed",
              f"{[event.type for event in events]}")
        echoed("one two three", events[-1].response.output_text)
        numbers = [event.sequence_number for event in events]
        check(numbers == sorted(set(numbers)), f"sequence numbers {numbers}")

    @report.feature("background responses")
    def background_responses():
        answer = client.responses.create(model=MODEL, input="In good time", background=True)
        check(answer.id and answer.status in ("queued", "in_progress", "completed"), f"{answer}")
        end = time.monotonic() + PATIENCE
        while answer.status in ("queued", "in_progress"):
            check(time.monotonic() < end, f"it stays {answer.status}")
            time.sleep(0.2)
            answer = client.responses.retrieve(answer.id)
        echoed("In good time", answer.output_text)
else:
    for name in ("responses", "streamed responses", "background responses"):
        report.lacks(name, "this version has none")


@report.feature("embeddings")
def embeddings():
    answer = client.embeddings.create(model=EMBEDDING_MODEL, input=["a", "b"])
    check([entry.index for entry in answer.data] == [0, 1], f"{answer}")
    check(answer.data[0].embedding != answer.data[1].embedding, "two texts have one vector")
    check(all(isinstance(number, float) for number in answer.data[0].embedding), "no numbers")
    plain = client.embeddings.create(model=EMBEDDING_MODEL, input="a", encoding_format="float")
    near = max(abs(a - b) for a, b in zip(answer.data[0].embedding, plain.data[0].embedding))
    check(near < 1e-5, "a vector differs by its encoding")


@report.feature("completions")
def completions():
    answer = client.completions.create(model="gpt-3.5-turbo-instruct", prompt="Good day", max_tokens=20)
    echoed("Good day", answer.choices[0].text)


@report.feature("moderations")
def moderations():
    answer = client.moderations.create(model="omni-moderation-latest", input="Good day")
    check(len(answer.results) == 1 and not answer.results[0].flagged, f"{answer}")
    check(answer.results[0].categories.violence is False, f"{answer}")


@report.feature("models")
def models():
    check(isinstance(client.models.list().data, list), "no list")


@report.feature("error objects")
def error_objects():
    wrong = [[1]]
    if HAS_FAR_SIDE:
        wrong += [{"model": MODEL}, {"model": MODEL, "messages": []}, {"model": MODEL, "messages": user("a"), **REFUSED}]
    for body in wrong:
        try:
            client.post("/chat/completions", body=body, cast_to=object)
        except openai.BadRequestError as error:
            check(error.body and error.body.get("message") and error.body.get("type"), f"no error object: {error.body}")
            check(error.request_id, "an error without a request id")
        else:
            check(False, "a wrong request was answered")
    try:
        client.get("/no-such-thing", cast_to=object)
    except openai.NotFoundError as error:
        check(error.body and error.body.get("message"), f"no error object: {error.body}")
    else:
        check(False, "an unknown route was answered")


@report.feature("retries", only_if=HAS_FAR_SIDE)
def retries():
    answer = client.with_options(max_retries=4).chat.completions.create(model=MODEL, messages=user(f"{STUMBLES} once"))
    echoed(f"{STUMBLES} once", answer.choices[0].message.content)


@report.feature("request ids")
def request_ids():
    raw = client.chat.completions.with_raw_response.create(model=MODEL, messages=user("Good day"))
    check(raw.headers.get("x-request-id"), f"no request id in {dict(raw.headers)}")
    echoed("Good day", raw.parse().choices[0].message.content)


def lines(*requests, url="/v1/chat/completions"):
    return "".join(json.dumps({"custom_id": f"r{i}", "method": "POST", "url": url, "body": body}) + "\n"
                   for i, body in enumerate(requests))


def upload(text, name="batch.jsonl"):
    return client.files.create(file=(name, io.BytesIO(text.encode())), purpose="batch")


def ended(batch, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while batch.status not in ("completed", "failed", "expired", "cancelled"):
        check(time.monotonic() < end, f"the batch stays {batch.status}")
        time.sleep(0.2)
        batch = client.batches.retrieve(batch.id)
    return batch


def results(file_id):
    return {line["custom_id"]: line for line in map(json.loads, client.files.content(file_id).text.splitlines())}


@report.feature("files")
def files():
    text = lines({"model": MODEL, "messages": user("ü")})
    file = upload(text, "mine.jsonl")
    check(file.bytes == len(text.encode()) and file.filename == "mine.jsonl" and file.purpose == "batch", f"{file}")
    check(client.files.retrieve(file.id).id == file.id, "it can't be retrieved")
    check(client.files.content(file.id).text == text, "its content is another")
    check(file.id in [listed.id for listed in client.files.list(purpose="batch", limit=100)], "it is not listed")
    check(client.files.delete(file.id).deleted, "it is not deleted")
    try:
        client.files.retrieve(file.id)
    except openai.NotFoundError:
        return
    check(False, "it is there after it was deleted")


@report.feature("batches")
def batches():
    file = upload(lines(*({"model": MODEL, "messages": user(f"Item {i}.")} for i in range(10))))
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h",
                                  metadata={"a": "b"})
    check(batch.object == "batch" and batch.input_file_id == file.id and batch.metadata == {"a": "b"}, f"{batch}")
    batch = ended(batch)
    check(batch.status == "completed", f"{batch}")
    check((batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed) == (10, 10, 0),
          f"{batch.request_counts}")
    check(batch.created_at <= batch.in_progress_at <= batch.completed_at <= batch.expires_at, f"{batch}")
    answers = results(batch.output_file_id)
    check(len(answers) == 10, f"{len(answers)} results")
    for i in range(10):
        check(answers[f"r{i}"]["response"]["status_code"] == 200 and answers[f"r{i}"]["error"] is None, f"{answers}")
        echoed(f"Item {i}.", answers[f"r{i}"]["response"]["body"]["choices"][0]["message"]["content"])


@report.feature("batches")
def batches_of_other_endpoints():
    for url, body in (("/v1/embeddings", {"model": EMBEDDING_MODEL, "input": "a"}),
                      ("/v1/responses", {"model": MODEL, "input": "Good day"}),
                      ("/v1/completions", {"model": "gpt-3.5-turbo-instruct", "prompt": "Good day"})):
        batch = client.batches.create(input_file_id=upload(lines(body, url=url)).id, endpoint=url,
                                      completion_window="24h")
        batch = ended(batch)
        check(batch.status == "completed" and results(batch.output_file_id)["r0"]["response"]["status_code"] == 200,
              f"{url}: {batch}")


@report.feature("batches with failures", only_if=HAS_FAR_SIDE)
def batches_with_failures():
    file = upload(lines(*({"model": MODEL, "messages": [] if i == 2 else user(f"Item {i}.")} for i in range(5))))
    batch = ended(client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h"))
    check(batch.status == "completed" and batch.request_counts.failed == 1, f"{batch}")
    check(sorted(results(batch.output_file_id)) == ["r0", "r1", "r3", "r4"], "the others' results are not all there")
    error = results(batch.error_file_id)["r2"]
    check(error["response"]["status_code"] == 400 and error["response"]["body"]["error"]["message"], f"{error}")


@report.feature("list of batches")
def list_of_batches():
    made = []
    for i in range(3):
        file = upload(lines({"model": MODEL, "messages": user(f"Listed {i}")}))
        made.append(client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions",
                                          completion_window="24h").id)
    listed = []
    for batch in client.batches.list(limit=2):
        listed.append(batch.id)
        if set(made) <= set(listed):
            break
    check([id for id in listed if id in made] == made[::-1], "not the newest first, over several pages")
    check(len(set(listed)) == len(listed), "a batch is listed twice")


@report.feature("cancelled batches")
def cancelled_batches():
    file = upload(lines(*({"model": MODEL, "messages": user(f"Unwanted {i}.")} for i in range(500))))
    batch = client.batches.create(input_file_id=file.id, endpoint="/v1/chat/completions", completion_window="24h")
    try:
        batch = client.batches.cancel(batch.id)
        check(batch.status in ("cancelling", "cancelled"), f"{batch}")
        check(batch.cancelling_at, f"{batch}")
    except openai.ConflictError:  # It was quicker than we: that is told apart, and it stays completed.
        check(client.batches.retrieve(batch.id).status == "completed", "a conflict with what?")
        return
    batch = ended(batch)
    check(batch.status == "cancelled" and batch.cancelled_at, f"{batch}")
    done = results(batch.output_file_id) if batch.output_file_id else {}
    check(len(done) == batch.request_counts.completed, f"{len(done)} results, {batch.request_counts}")


@report.feature("validation errors")
def validation_errors():
    body = {"model": MODEL, "messages": user("Good day")}
    twice = lines(body) * 2
    other = lines(body, url="/v1/embeddings")
    for text in (twice, "no json\n", other, ""):
        try:
            batch = client.batches.create(input_file_id=upload(text).id, endpoint="/v1/chat/completions",
                                          completion_window="24h")
        except openai.BadRequestError as error:
            check(text not in (twice, other) and error.body.get("message"), f"{text[:50]!r}: {error}")
            continue
        batch = ended(batch)
        check(batch.status == "failed" and batch.errors.data and batch.errors.data[0].message, f"{text[:50]!r}: {batch}")
        if text == twice:
            check(batch.errors.data[0].line == 2, f"{batch.errors}")
    for wrong in ({"input_file_id": "file-none"}, {"endpoint": "/v1/nothing"}):
        try:
            batch = client.batches.create(**{
                "input_file_id": upload(lines(body)).id, "endpoint": "/v1/chat/completions",
                "completion_window": "24h", **wrong})
        except (openai.BadRequestError, openai.NotFoundError) as error:
            check(error.body and error.body.get("message"), f"no error object: {error.body}")
        else:
            check(ended(batch).status == "failed", f"{wrong} was taken")
    try:
        client.batches.retrieve("batch_of_nobody")
    except openai.NotFoundError:
        return
    check(False, "an unknown batch was found")


if __name__ == "__main__":
    check(BASE_URL, "OPENAI_BASE_URL names no server")
    report.run()
