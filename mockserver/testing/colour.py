"""Whether messages are in colour: where a terminal shows them, unless the environment says otherwise."""

import os
import sys

forced: bool | None = None
"""What somebody who knows better has decided, such as a test runner that shows the messages itself."""


def wanted() -> bool:
    """Whether messages are in colour (https://no-color.org, https://force-color.org)."""
    if forced is not None:
        return forced
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stderr.isatty()
