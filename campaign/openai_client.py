"""The official OpenAI client against the simulator: what a real client accepts is no invention of ours.

Run by .ci/run with the interpreter of an environment that has the `openai` package.
"""

import pathlib
import sys
import tempfile

import openai

from processes import Simulator, build, check

MODEL = "gpt-4o-mini"


def chat(client):
    answer = client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Good day"}])
    check(answer.choices[0].message.content == "echo: Good day", f"chat: {answer}")
    check(answer.choices[0].finish_reason == "stop", f"chat: {answer}")
    check(answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens, f"usage: {answer}")


def chat_stream(client):
    stream = client.chat.completions.create(
        model=MODEL, messages=[{"role": "user", "content": "one two three"}], stream=True,
        stream_options={"include_usage": True})
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    check(text == "echo: one two three", f"stream: {text!r}")
    check(chunks[-1].usage is not None, "the stream's last chunk has no usage")


def responses(client):
    answer = client.responses.create(model=MODEL, input="Good day")
    check(answer.output_text == "echo: Good day", f"responses: {answer}")


def responses_stream(client):
    events = list(client.responses.create(model=MODEL, input="Good day", stream=True))
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    check(text == "echo: Good day", f"responses stream: {text!r}")
    check(events[-1].type == "response.completed", f"it ends with {events[-1].type}")


def embeddings(client):
    answer = client.embeddings.create(model="text-embedding-3-small", input=["a", "b"])
    check([entry.index for entry in answer.data] == [0, 1], f"embeddings: {answer}")
    check(answer.data[0].embedding != answer.data[1].embedding, "two texts got one vector")


def moderations(client):
    answer = client.moderations.create(model="omni-moderation-latest", input="Good day")
    check(len(answer.results) == 1, f"moderations: {answer}")


def models(client):
    check(client.models.list().data is not None, "no models")


def a_wrong_request(client):
    try:
        client.chat.completions.create(model=MODEL, messages=[])
    except openai.BadRequestError as error:
        check(error.body and error.body.get("message"), f"an error without a message: {error.body}")
        return
    check(False, "a request without messages was answered")


def a_wrong_key(client):
    try:
        client.with_options(api_key="sk-wrong").models.list()
    except openai.AuthenticationError as error:
        check(error.code == "invalid_api_key", f"code {error.code}")
        return
    check(False, "a wrong key was let in")


def retries_what_is_throttled(client):
    answer = client.with_options(max_retries=4).chat.completions.create(
        model="throttled", messages=[{"role": "user", "content": "again"}])
    check(answer.choices[0].message.content == "echo: again", f"chat: {answer}")


def main():
    build()
    cases = [chat, chat_stream, responses, responses_stream, embeddings, moderations, models, a_wrong_request,
             a_wrong_key, retries_what_is_throttled]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="batchwright-client-") as folder:
        with Simulator(pathlib.Path(folder), "--key", "sk-right", "--retry-after", "ms",
                       "--fault", "429 first=2 wait=50ms when model=throttled") as simulator:
            client = openai.OpenAI(base_url=simulator.base_url, api_key="sk-right", max_retries=0, timeout=30)
            for case in cases:
                try:
                    case(client)
                    print(f"{case.__name__}: ok")
                except Exception as problem:  # The other cases are worth knowing too.
                    failed += 1
                    print(f"{case.__name__}: FAILED: {type(problem).__name__}: {problem}")
    print(f"openai {openai.__version__}: {len(cases) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
