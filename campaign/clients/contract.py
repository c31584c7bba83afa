"""Every answer of `batchwright serve` against OpenAI's published schemas. Runs in the environment of schemathesis.

Arguments: base URL, the OpenAPI file.
"""

import copy
import json
import sys
import time
import urllib.error
import urllib.request

import jsonschema_rs
import yaml

PATIENCE = 60
MODEL = "gpt-4o-mini"
WEATHER = {"type": "function", "function": {"name": "weather", "parameters": {
    "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}
USER = [{"role": "user", "content": "Good day"}]


def nullable(node):
    """The old `nullable` of some schemas, as JSON Schema says it."""
    if isinstance(node, list):
        return [nullable(value) for value in node]
    if not isinstance(node, dict):
        return node
    rest = {key: nullable(value) for key, value in node.items() if key != "nullable"}
    return {"anyOf": [rest, {"type": "null"}]} if node.get("nullable") is True else rest


def without_nulls(value):
    """OpenAI itself writes null for what a file or a batch does not have, in the examples of its schemas too."""
    if isinstance(value, list):
        return [without_nulls(entry) for entry in value]
    if not isinstance(value, dict):
        return value
    return {key: without_nulls(entry) for key, entry in value.items() if entry is not None}


NULLS_FOR_NOTHING = ("Batch", "ListBatchesResponse", "OpenAIFile", "ListFilesResponse")


class Contract:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.components = {"schemas": nullable(yaml.safe_load(file)["components"]["schemas"])}
        self.validators = {}
        self.validated = 0
        self.problems = []

    def judge(self, what, schema, value):
        if schema not in self.validators:
            self.validators[schema] = jsonschema_rs.Draft202012Validator(
                {"$ref": f"#/components/schemas/{schema}", "components": copy.deepcopy(self.components)})
        self.validated += 1
        if schema in NULLS_FOR_NOTHING:
            value = without_nulls(value)
        if schema == "ResponseStreamEvent" and isinstance(value.get("response"), dict):
            # At the beginning, OpenAI's own have null there.
            value = {**value, "response": {name: part for name, part in value["response"].items()
                                           if name != "usage" or part is not None}}
        wrong = [f"{'/'.join(map(str, error.instance_path))}: {error.message[:200]}"
                 for error in self.validators[schema].iter_errors(value)]
        if wrong:
            self.problems.append(f"{what} is no {schema}: {'; '.join(wrong[:5])}")


class Trial:
    def __init__(self, base_url, contract):
        self.base_url, self.contract = base_url, contract

    def raw(self, method, path, body=None, kind="application/json"):
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        request = urllib.request.Request(f"{self.base_url}{path}", data, {
            "Content-Type": kind, "Authorization": "Bearer sk-of-nobody"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read()

    def good(self, schema, method, path, body=None, kind="application/json"):
        status, content = self.raw(method, path, body, kind)
        what = f"{method} {path} {str(body)[:120] if isinstance(body, dict) else ''}"
        if status != 200:
            self.contract.problems.append(f"{what} is answered with {status}: {content[:200]!r}")
            return {}
        value = json.loads(content)
        self.contract.judge(what, schema, value)
        return value

    def refused(self, wanted, method, path, body=None, kind="application/json"):
        status, content = self.raw(method, path, body, kind)
        what = f"{method} {path} {str(body)[:120]}"
        if status not in wanted:
            self.contract.problems.append(f"{what} is answered with {status}, not {wanted}: {content[:200]!r}")
            return
        self.contract.judge(what, "ErrorResponse", json.loads(content))

    def streamed(self, schema, path, body):
        status, content = self.raw("POST", path, {**body, "stream": True})
        data = [line.removeprefix("data: ") for line in content.decode().splitlines() if line.startswith("data: ")]
        if status != 200 or not data:
            self.contract.problems.append(f"POST {path} streamed: {status} {content[:200]!r}")
        for line in data:
            if line != "[DONE]":
                self.contract.judge(f"POST {path} streamed", schema, json.loads(line))

    def upload(self, lines):
        body = (b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b\r\nContent-Disposition: '
                b'form-data; name="file"; filename="batch.jsonl"\r\n\r\n' + lines.encode() + b"\r\n--b--\r\n")
        return self.good("OpenAIFile", "POST", "/files", body, "multipart/form-data; boundary=b").get("id")

    def batch(self, lines, endpoint="/v1/chat/completions"):
        batch = self.good("Batch", "POST", "/batches", {
            "input_file_id": self.upload(lines), "endpoint": endpoint, "completion_window": "24h",
            "metadata": {"a": "b"}})
        end = time.monotonic() + PATIENCE
        while batch and batch["status"] not in ("completed", "failed", "expired", "cancelled"):
            if time.monotonic() > end:
                self.contract.problems.append(f"a batch stays {batch['status']}")
                break
            time.sleep(0.1)
            batch = self.good("Batch", "GET", f"/batches/{batch['id']}")
        return batch

    def calls(self):
        chat = {"model": MODEL, "messages": USER}
        self.good("CreateChatCompletionResponse", "POST", "/chat/completions", chat)
        self.good("CreateChatCompletionResponse", "POST", "/chat/completions", {**chat, "n": 3})
        forced = {**chat, "tools": [WEATHER], "tool_choice": {"type": "function", "function": {"name": "weather"}}}
        self.good("CreateChatCompletionResponse", "POST", "/chat/completions", forced)
        for body in (chat, {**chat, "n": 2}, forced, {**chat, "stream_options": {"include_usage": True}}):
            self.streamed("CreateChatCompletionStreamResponse", "/chat/completions", body)
        self.good("CreateCompletionResponse", "POST", "/completions",
                  {"model": "gpt-3.5-turbo-instruct", "prompt": "Good day"})
        self.good("CreateEmbeddingResponse", "POST", "/embeddings",
                  {"model": "text-embedding-3-small", "input": ["a", "b"], "encoding_format": "float"})
        self.good("CreateModerationResponse", "POST", "/moderations",
                  {"model": "omni-moderation-latest", "input": "Good day"})
        response = {"model": MODEL, "input": "Good day"}
        self.good("Response", "POST", "/responses", response)
        called = {**response, "tools": [{"type": "function", "strict": True, **WEATHER["function"]}],
                  "tool_choice": {"type": "function", "name": "weather"}}
        self.good("Response", "POST", "/responses", called)
        for body in (response, called):
            self.streamed("ResponseStreamEvent", "/responses", body)
        background = self.good("Response", "POST", "/responses", {**response, "background": True})
        if background:
            self.good("Response", "GET", f"/responses/{background['id']}")
        self.good("ListModelsResponse", "GET", "/models")

    def files_and_batches(self):
        line = json.dumps({"custom_id": "a", "method": "POST", "url": "/v1/chat/completions",
                           "body": {"model": MODEL, "messages": USER}}) + "\n"
        for lines in (line, line + line, "no json\n", line.replace("/chat/completions", "/embeddings")):
            batch = self.batch(lines)
            for name in ("output_file_id", "error_file_id"):
                if batch.get(name):
                    self.good("OpenAIFile", "GET", f"/files/{batch[name]}")
        file_id = self.upload(line)
        self.good("OpenAIFile", "GET", f"/files/{file_id}")
        self.good("ListFilesResponse", "GET", "/files?limit=2")
        self.good("DeleteFileResponse", "DELETE", f"/files/{file_id}")
        self.good("ListBatchesResponse", "GET", "/batches?limit=2")
        batch = self.good("Batch", "POST", "/batches", {
            "input_file_id": self.upload("".join(line.replace('"a"', f'"{i}"') for i in range(5000))),
            "endpoint": "/v1/chat/completions", "completion_window": "24h"})
        self.good("Batch", "POST", f"/batches/{batch.get('id')}/cancel")

    def errors(self):
        for path in ("/chat/completions", "/responses", "/embeddings", "/completions", "/moderations", "/batches"):
            for body in (b"{", b"[]", b"", b"1"):
                self.refused((400, 422), "POST", path, body)
            self.refused((405, 404), "DELETE", path)
        self.refused((404,), "GET", "/nothing")
        self.refused((404,), "GET", "/files/file-nobody")
        self.refused((404,), "GET", "/files/file-nobody/content")
        self.refused((404,), "DELETE", "/files/file-nobody")
        self.refused((404,), "GET", "/batches/batch_nobody")
        self.refused((404,), "POST", "/batches/batch_nobody/cancel")
        self.refused((404,), "GET", "/responses/resp_nobody")
        self.refused((400,), "POST", "/files", b"--b--\r\n", "multipart/form-data; boundary=b")
        self.refused((400, 415), "POST", "/files", {"purpose": "batch"})
        for wrong in ({"endpoint": "/v1/nothing"}, {"completion_window": 24}, {"metadata": []}, {"input_file_id": 1}):
            self.refused((400, 404), "POST", "/batches", {"input_file_id": "file-nobody", "completion_window": "24h",
                                                          "endpoint": "/v1/chat/completions", **wrong})
        for query in ("limit=0", "limit=x", "limit=101"):
            self.refused((400, 404), "GET", f"/batches?{query}")


def main():
    contract = Contract(sys.argv[2])
    trial = Trial(sys.argv[1], contract)
    for part in (trial.calls, trial.files_and_batches, trial.errors):
        part()
    for problem in contract.problems:
        print(problem)
    print(f"contract: {contract.validated} answers validated, {len(contract.problems)} problems")
    return 1 if contract.problems else 0


if __name__ == "__main__":
    sys.exit(main())
