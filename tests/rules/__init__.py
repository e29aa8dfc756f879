"""Tests of the request rules."""
