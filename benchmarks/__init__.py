"""Measurements: quality, speed, faults and load."""
