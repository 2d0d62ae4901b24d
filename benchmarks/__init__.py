"""How quick is it, compared with what? `make bench` measures, and writes results.json, docs/SPEED.md and docs/speed.png."""
