"""Answers made up to suit a request: text, JSON, tool calls, vectors. Pure, and the same for the same draw."""
