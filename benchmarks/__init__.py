"""Measurements: quality, speed as ratios, faults and load."""
