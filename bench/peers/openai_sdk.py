"""OpenAI's own SDK as it comes, and a semaphore. Arguments: base URL, input, output, calls at once."""

import asyncio
import json
import sys
import time

import openai


async def main(base_url, source, target, at_once):
    with open(source) as lines:
        requests = [json.loads(line) for line in lines]
    gate = asyncio.Semaphore(at_once)
    failed = 0
    with open(target, "w") as out:
        client = openai.AsyncOpenAI(base_url=base_url, api_key="bench")

        async def call(request):
            nonlocal failed
            async with gate:
                try:
                    answer = await client.chat.completions.create(**request["body"])
                except openai.OpenAIError:
                    failed += 1
                    return
            out.write(json.dumps({"custom_id": request["custom_id"], "response": answer.model_dump()}) + "\n")

        began = time.perf_counter()
        await asyncio.gather(*(call(request) for request in requests))
        seconds = time.perf_counter() - began
    print(len(requests) / seconds, failed, len(requests))


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
