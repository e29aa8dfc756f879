"""Starts an installed `mockserver` command, asks it one thing, stops it: `python start_once.py COMMAND`."""

import json
import signal
import subprocess
import sys
import urllib.request


def main(command: str) -> None:
    """Fails unless the command answers from the files it was installed with, and stops with 0."""
    server = subprocess.Popen([command, "--port", "0"], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        ready = server.stdout.readline()
        url = ready.removeprefix("mockserver ready on ").strip()
        body = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Are you there?"}]}
        request = urllib.request.Request(f"{url}/v1/chat/completions", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
        print(f"{command} answered:", answer["choices"][0]["message"]["content"])
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0
    finally:
        server.kill()


if __name__ == "__main__":
    main(sys.argv[1])
