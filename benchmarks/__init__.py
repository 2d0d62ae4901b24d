"""How quick is it, compared with what? `make bench` measures and writes docs/SPEED.md."""
