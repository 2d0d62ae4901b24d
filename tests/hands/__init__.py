"""The shipped bot in people's hands."""
