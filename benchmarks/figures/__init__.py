"""The long fault and load measurements; `python -m benchmarks.figures` runs them."""
