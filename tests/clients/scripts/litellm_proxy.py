"""Asks a litellm proxy in front of a server: `litellm_proxy.py URL`. Starts the proxy itself, and ends it."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import openai

from tests.clients.scripts.cases import case, plain, run

PATIENCE = 200.0
"""Seconds the proxy may take to come up."""

MODELS = {
    "chat": "openai/gpt-4o-mini",
    "vllm": "hosted_vllm/meta-llama/Llama-3.3-70B",
    "text": "text-completion-openai/gpt-3.5-turbo-instruct",
    "embedding": "openai/text-embedding-3-small",
}
COUNT: Any = [{"role": "user", "content": "count"}]


def _config(url: str) -> str:
    """The proxy's configuration; JSON is YAML too."""
    models = [
        {
            "model_name": name,
            "litellm_params": {"model": model, "api_base": f"{url}/v1", "api_key": "anything", "max_retries": 0},
        }
        for name, model in MODELS.items()
    ]
    return json.dumps(
        {
            "model_list": models,
            "router_settings": {"num_retries": 0, "disable_cooldowns": True},
            "general_settings": {"dangerously_permit_weak_or_unset_master_key": True},
        }
    )


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def _proxy(url: str) -> Iterator[str]:
    """The URL of a proxy in front of `url`."""
    with TemporaryDirectory() as folder:
        config, log = Path(folder, "config.yaml"), Path(folder, "log")
        config.write_text(_config(url), encoding="utf-8")
        port = _free_port()
        command = [Path(sys.executable).with_name("litellm"), "--config", config, "--host", "127.0.0.1"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*map(str, command), "--port", str(port), "--telemetry", "False"],
                cwd=folder,
                env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True"},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                _wait(process, f"http://127.0.0.1:{port}/health/liveliness", log)
                yield f"http://127.0.0.1:{port}/v1"
            finally:
                process.kill()
                process.wait()


def _wait(process: "subprocess.Popen[bytes]", health: str, log: Path) -> None:
    last = time.monotonic() + PATIENCE
    while time.monotonic() < last and process.poll() is None:
        try:
            with urlopen(health, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    sys.exit(f"the proxy did not come up: {log.read_text(errors='replace')[-3000:]}")


@case
async def chat(client: Any) -> Any:
    """An answer through each kind of model."""
    found = {}
    for model in ("chat", "vllm", "text"):
        answer = await client.chat.completions.create(model=model, messages=COUNT)
        found[model] = answer.choices[0].message.content
    return found


@case
async def chat_stream(client: Any) -> Any:
    """A stream through each kind of model."""
    found = {}
    for model in ("chat", "vllm", "text"):
        stream = await client.chat.completions.create(model=model, messages=COUNT, stream=True)
        texts = [choice.delta.content or "" async for chunk in stream for choice in chunk.choices]
        found[model] = "".join(texts)
    return found


@case
async def completion(client: Any) -> Any:
    """A legacy completion."""
    return (await client.completions.create(model="text", prompt="count")).choices[0].text


@case
async def tool(client: Any) -> Any:
    """A tool call."""
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    answer = await client.chat.completions.create(
        model="chat",
        messages=[{"role": "user", "content": "What is the weather in Paris today?"}],
        tools=[{"type": "function", "function": {"name": "get_weather", "parameters": parameters}}],
    )
    return [plain(call.function) for call in answer.choices[0].message.tool_calls]


@case
async def embedding(client: Any) -> Any:
    """Vectors, in the SDK's own format and in floats."""
    asked = {"model": "embedding", "input": ["red apples", "green pears"]}
    answers = [await client.embeddings.create(**asked, **more) for more in ({}, {"encoding_format": "float"})]
    return [[len(item.embedding) for item in answer.data] for answer in answers]


@case
async def refused(client: Any) -> Any:
    """A refusal, passed on."""
    try:
        await client.chat.completions.create(model="chat", messages=COUNT, temperature=9)
    except openai.APIStatusError as error:
        return {"class": type(error).__name__, "message": str(error)}
    return "nothing was raised"


async def _all(url: str) -> dict[str, Any]:
    async with openai.AsyncOpenAI(base_url=url, api_key="anything", max_retries=0) as client:
        return await run(client)


if __name__ == "__main__":
    with _proxy(sys.argv[1]) as proxy:
        json.dump(asyncio.run(_all(proxy)), sys.stdout)
