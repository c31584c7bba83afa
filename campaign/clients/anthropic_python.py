"""The official `anthropic` package."""

import json
import time

import anthropic
from report import HAS_FAR_SIDE, PATIENCE, REFUSED, STUMBLES, Report, check, echoed

report = Report("anthropic", anthropic.__version__)
client = anthropic.Anthropic(max_retries=0, timeout=PATIENCE)
MODEL = "claude-haiku-4-5"
WEATHER = {"name": "weather", "description": "The weather of a city",
           "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}


def asking(text, **more):
    return {"model": MODEL, "max_tokens": 1000, "messages": [{"role": "user", "content": text}], **more}


@report.feature("messages")
def messages():
    answer = client.messages.create(**asking("Good day", system="Be short."))
    echoed("Good day", answer.content[0].text)
    check(answer.type == "message" and answer.role == "assistant" and answer.stop_reason == "end_turn", f"{answer}")
    check(answer.usage.input_tokens > 0 and answer.usage.output_tokens > 0, f"{answer.usage}")


@report.feature("tools")
def tools():
    answer = client.messages.create(**asking(
        '{"city": "Utrecht"}', tools=[WEATHER], tool_choice={"type": "tool", "name": "weather"}))
    call = next(part for part in answer.content if part.type == "tool_use")
    check(call.name == "weather" and "city" in call.input and answer.stop_reason == "tool_use", f"{answer}")


@report.feature("streamed messages")
def streamed_messages():
    with client.messages.stream(**asking("one two three")) as stream:
        text = "".join(stream.text_stream)
        answer = stream.get_final_message()
    echoed("one two three", text)
    echoed("one two three", answer.content[0].text)
    check(answer.stop_reason == "end_turn" and answer.usage.output_tokens > 0, f"{answer}")


@report.feature("streamed tools")
def streamed_tools():
    with client.messages.stream(**asking(
            '{"city": "Utrecht"}', tools=[WEATHER], tool_choice={"type": "tool", "name": "weather"})) as stream:
        answer = stream.get_final_message()
    call = next(part for part in answer.content if part.type == "tool_use")
    check(call.name == "weather" and "city" in call.input, f"{answer}")


@report.feature("models")
def models():
    check(isinstance(client.models.list().data, list), "no list")


@report.feature("error objects")
def error_objects():
    wrong = [[1]]
    if HAS_FAR_SIDE:
        wrong += [{**asking("Good day"), "messages": []}, asking("Good day", **REFUSED)]
    for body in wrong:
        try:
            client.post("/v1/messages", body=body, cast_to=object)
        except anthropic.BadRequestError as error:
            check(error.body["type"] == "error" and error.body["error"]["type"] == "invalid_request_error",
                  f"no error object: {error.body}")
            check(error.body["error"]["message"], f"no message: {error.body}")
            check(error.request_id, "an error without a request id")
        else:
            check(False, "a wrong request was answered")


@report.feature("retries", only_if=HAS_FAR_SIDE)
def retries():
    answer = client.with_options(max_retries=4).messages.create(**asking(f"{STUMBLES} once"))
    echoed(f"{STUMBLES} once", answer.content[0].text)


def ended(batch, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while batch.processing_status != "ended":
        check(time.monotonic() < end, f"the batch stays {batch.processing_status}")
        time.sleep(0.2)
        batch = client.messages.batches.retrieve(batch.id)
    return batch


def create(*bodies):
    return client.messages.batches.create(
        requests=[{"custom_id": f"r{i}", "params": body} for i, body in enumerate(bodies)])


@report.feature("batches")
def batches():
    batch = create(*(asking(f"Item {i}.") for i in range(10)))
    check(batch.type == "message_batch" and batch.processing_status in ("in_progress", "ended"), f"{batch}")
    batch = ended(batch)
    check(batch.request_counts.succeeded == 10 and batch.ended_at and batch.results_url, f"{batch}")
    results = {line.custom_id: line.result for line in client.messages.batches.results(batch.id)}
    check(len(results) == 10, f"{len(results)} results")
    for i in range(10):
        check(results[f"r{i}"].type == "succeeded", f"{results[f'r{i}']}")
        echoed(f"Item {i}.", results[f"r{i}"].message.content[0].text)


@report.feature("batches with failures", only_if=HAS_FAR_SIDE)
def batches_with_failures():
    batch = ended(create(*(asking(f"Item {i}.", **({"messages": []} if i == 2 else {})) for i in range(5))))
    check((batch.request_counts.succeeded, batch.request_counts.errored) == (4, 1), f"{batch.request_counts}")
    results = {line.custom_id: line.result for line in client.messages.batches.results(batch.id)}
    check(results["r2"].type == "errored" and results["r2"].error.error.message, f"{results['r2']}")


@report.feature("list of batches")
def list_of_batches():
    made = [create(asking(f"Listed {i}")).id for i in range(3)]
    listed = []
    for batch in client.messages.batches.list(limit=2):
        listed.append(batch.id)
        if set(made) <= set(listed):
            break
    check([id for id in listed if id in made] == made[::-1], "not the newest first, over several pages")


@report.feature("cancelled batches")
def cancelled_batches():
    batch = create(*(asking(f"Unwanted {i}.") for i in range(500)))
    batch = ended(client.messages.batches.cancel(batch.id))
    counts = batch.request_counts
    check(counts.succeeded + counts.canceled + counts.errored == 500 and counts.errored == 0, f"{counts}")
    kinds = [line.result.type for line in client.messages.batches.results(batch.id)]
    check(kinds.count("canceled") == counts.canceled and len(kinds) == 500, f"{counts}, {len(kinds)} results")
    client.messages.batches.delete(batch.id)
    try:
        client.messages.batches.retrieve(batch.id)
    except anthropic.NotFoundError as error:
        check(error.body["error"]["type"] == "not_found_error", f"{error.body}")
        return
    check(False, "it is there after it was deleted")


@report.feature("validation errors")
def validation_errors():
    for requests in ([], [{"custom_id": "twice", "params": asking("a")}] * 2,
                     [{"custom_id": "not allowed!", "params": asking("a")}]):
        try:
            client.messages.batches.create(requests=requests)
        except anthropic.BadRequestError as error:
            check(error.body["error"]["message"], f"no error object: {error.body}")
        else:
            check(False, f"{json.dumps(requests)[:80]} was taken")


if __name__ == "__main__":
    report.run()
