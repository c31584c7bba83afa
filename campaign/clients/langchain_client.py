"""LangChain's models for OpenAI: `langchain-openai`."""

import asyncio
from importlib.metadata import version

from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel

from report import EMBEDDING_MODEL, HAS_FAR_SIDE, MODEL, PATIENCE, REFUSED, STUMBLES, Report, check, echoed

report = Report("langchain-openai", version("langchain-openai"))
model = ChatOpenAI(model=MODEL, max_retries=0, timeout=PATIENCE)


@tool
def weather(city: str) -> str:
    """The weather of a city."""
    return f"rain in {city}"


class Place(BaseModel):
    """Where it is."""
    city: str


@report.feature("chat")
def chat():
    answer = model.invoke([SystemMessage("Be short."), HumanMessage("Good day")])
    echoed("Good day", answer.content)
    check(answer.usage_metadata["total_tokens"] > 0, f"{answer}")


@report.feature("tools")
def tools():
    call = model.bind_tools([weather], tool_choice="weather").invoke('{"city": "Utrecht"}').tool_calls[0]
    check(call["name"] == "weather" and "city" in call["args"], f"{call}")


@report.feature("structured output")
def structured_output():
    for method in ("json_schema", "function_calling"):
        answer = model.with_structured_output(Place, method=method).invoke('{"city": "Utrecht"}')
        check(isinstance(answer, Place), f"{method}: {answer}")


@report.feature("streamed chat")
def streamed_chat():
    echoed("one two three", "".join(chunk.content for chunk in model.stream("one two three")))


@report.feature("many at once")
def many_at_once():
    answers = model.batch([f"Number {i}." for i in range(50)], config={"max_concurrency": 50})
    for i, answer in enumerate(answers):
        echoed(f"Number {i}.", answer.content)


@report.feature("many at once")
async def many_at_once_async():
    answers = await asyncio.gather(*(model.ainvoke(f"Number {i}.") for i in range(50)))
    for i, answer in enumerate(answers):
        echoed(f"Number {i}.", answer.content)


@report.feature("responses")
def responses():
    answer = ChatOpenAI(model=MODEL, use_responses_api=True, max_retries=0, timeout=PATIENCE).invoke("Good day")
    echoed("Good day", str(answer.content))


@report.feature("streamed responses")
def streamed_responses():
    chunks = ChatOpenAI(model=MODEL, use_responses_api=True, max_retries=0, timeout=PATIENCE).stream("one two three")
    text = "".join(part["text"] for chunk in chunks for part in chunk.content if part.get("type") == "text")
    echoed("one two three", text)


@report.feature("embeddings")
def embeddings():
    # It counts tokens and sends them as numbers unless it is told not to; both are inputs.
    embedder = OpenAIEmbeddings(model=EMBEDDING_MODEL, check_embedding_ctx_length=False, max_retries=0)
    vectors = embedder.embed_documents(["a", "b"])
    check(len(vectors) == 2 and vectors[0] != vectors[1], "two texts have one vector")
    check(len(embedder.embed_query("a")) == len(vectors[0]), "a query's vector has another length")


@report.feature("error objects", only_if=HAS_FAR_SIDE)
def error_objects():
    try:
        ChatOpenAI(model=MODEL, max_retries=0, timeout=PATIENCE, **REFUSED).invoke("Good day")
    except Exception as error:
        check(type(error).__name__ == "BadRequestError" or "400" in str(error), f"{type(error)}: {error}")
    else:
        check(False, "what the far side refused was answered")


@report.feature("retries", only_if=HAS_FAR_SIDE)
def retries():
    patient = ChatOpenAI(model=MODEL, max_retries=4, timeout=PATIENCE)
    echoed(f"{STUMBLES} once", patient.invoke(f"{STUMBLES} once").content)


report.lacks("batches", "its `batch` makes ordinary calls at once")

if __name__ == "__main__":
    report.run()
