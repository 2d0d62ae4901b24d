"""The floor: nothing but aiohttp, orjson and uvloop; fetches and echoes, and does nothing else."""

import asyncio
import os
from typing import Any

import aiohttp
import orjson
import uvloop


async def main() -> None:
    root = f"{os.environ['TELEGRAM_API_URL']}/bot{os.environ['TELEGRAM_TOKEN']}"
    offset = 0
    async with aiohttp.ClientSession() as session:

        async def call(method: str, fields: dict[str, Any]) -> Any:
            body, kind = orjson.dumps(fields), {"Content-Type": "application/json"}
            async with session.post(f"{root}/{method}", data=body, headers=kind) as answer:
                return orjson.loads(await answer.read())["result"]

        async def echo(update: dict[str, Any]) -> None:
            message = update["message"]
            await call("sendMessage", {"chat_id": message["chat"]["id"], "text": message["text"]})

        while True:
            updates = await call("getUpdates", {"offset": offset, "timeout": 10})
            offset = updates[-1]["update_id"] + 1 if updates else offset
            await asyncio.gather(*map(echo, updates))


if __name__ == "__main__":
    uvloop.run(main())
