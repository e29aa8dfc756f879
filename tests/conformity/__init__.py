"""Proof of faithfulness: answers against the published schema, streams against answers, wild input against all."""
