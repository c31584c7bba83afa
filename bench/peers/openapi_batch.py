"""openapi-batch, its calls made one by one ("emulated"). Arguments: base URL, input, output, calls at once."""

import json
import sys
import time

from openapi.batch import BatchClient

base_url, source, target, at_once = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
with open(source) as lines:
    requests = [json.loads(line) for line in lines]
items = [{"item_id": each["custom_id"], "input": {"messages": each["body"]["messages"]}} for each in requests]
client = BatchClient(provider="openai", api_key="bench", base_url=base_url, default_model="gpt-4o-mini",
                     db_path=target + ".db")
began = time.perf_counter()
job = client.map(items=items, mode="emulated", concurrency=at_once, async_submit=False)
answers = job.results_dict()
seconds = time.perf_counter() - began
failed = sum(type(answer).__name__ != "ResultOk" for answer in answers.values())
print(len(requests) / seconds, failed, len(requests))
