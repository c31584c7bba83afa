"""batch-stream-openai as its own README uses it. Arguments: base URL, input, output, calls at once."""

import json
import os
import sys
import time

base_url, source, target, at_once = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
os.environ |= {"OPENAI_API_KEY": "bench", "OPENAI_BASE_URL": base_url}

from batch_stream_openai import OpenAIRequest, stream_batch  # noqa: E402: reads the environment

with open(source) as lines:
    bodies = [json.loads(line)["body"] for line in lines]
requests = [OpenAIRequest(system_prompt=body["messages"][0]["content"], user_prompt=body["messages"][1]["content"],
                          model=body["model"], api="chat") for body in bodies]
failed = 0
began = time.perf_counter()
with open(target, "w") as out:
    for number, answer in stream_batch(requests, max_concurrency=at_once):
        failed += isinstance(answer, Exception)
        out.write(json.dumps([number, str(answer)]) + "\n")
print(len(requests) / (time.perf_counter() - began), failed, len(requests))
