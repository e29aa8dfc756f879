"""What mockserver costs beside a bare uvicorn app, measured in one run. See README.md."""
