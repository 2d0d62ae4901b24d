"""Tests of what hosts install."""
