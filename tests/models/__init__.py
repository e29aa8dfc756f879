"""Tests of models and of stored chat completions."""
