"""What litellm raises: `litellm_errors.py URL CASES`, the cases as JSON (see `test_errors.py`)."""

import json
import os
import sys
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # importing asks the network otherwise

import litellm

litellm.telemetry = False
litellm.suppress_debug_info = True

PROVIDERS: dict[str, dict[str, Any]] = {"openai": {}, "hosted_vllm": {}, "azure": {"api_version": "2024-10-21"}}
CALLS = {"/chat/completions": litellm.completion, "/embeddings": litellm.embedding}


def _raised(url: str, provider: str, case: dict[str, Any]) -> Any:
    """The exception of one case, in its parts."""
    body = dict(case["body"])
    call = CALLS.get(case["path"])
    base = url if call is not None else url + "/nowhere"
    headers = {"Authorization": "none", "api-key": ""} if case["key"] is None else {}
    try:
        (call or litellm.completion)(
            model=f"{provider}/{body.pop('model')}",
            api_base=base,
            api_key=case["key"] or "unused",
            extra_headers=headers,
            max_retries=0,
            num_retries=0,
            **body,
            **PROVIDERS[provider],
        )
    except Exception as error:
        return {
            "class": type(error).__name__,
            "status": getattr(error, "status_code", None),
            "bases": [kind.__name__ for kind in type(error).__mro__],
            "message": str(error),
        }
    return "nothing was raised"


if __name__ == "__main__":
    url, cases = sys.argv[1], json.loads(sys.argv[2])
    found = {provider: {name: _raised(url, provider, case) for name, case in cases.items()} for provider in PROVIDERS}
    json.dump(found, sys.stdout)
