"""httpx, which OpenAI's SDK stands on, and a semaphore. Nothing is retried, limited or durable.
Arguments: URL, input, output, calls at once."""

import asyncio
import json
import sys
import time

import httpx


async def main(url, source, target, at_once):
    with open(source) as lines:
        requests = [json.loads(line) for line in lines]
    gate = asyncio.Semaphore(at_once)
    limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
    failed = 0
    with open(target, "w") as out:
        async with httpx.AsyncClient(limits=limits, timeout=600, headers={"Authorization": "Bearer bench"}) as client:

            async def call(request):
                nonlocal failed
                async with gate:
                    response = await client.post(url, json=request["body"])
                failed += response.status_code != 200
                out.write(json.dumps({"custom_id": request["custom_id"], "response": response.json()}) + "\n")

            began = time.perf_counter()
            await asyncio.gather(*(call(request) for request in requests))
            seconds = time.perf_counter() - began
    print(len(requests) / seconds, failed, len(requests))


asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
