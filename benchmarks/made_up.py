"""On which texts are search engines compared?

Made-up ones, so that every size is there and nothing must be downloaded: words by Zipf's law (the hundred commonest
left out, as stop words are), a vocabulary that grows with the collection by Heaps' law, and lengths as passages have. A
question takes words of one passage.
"""

from __future__ import annotations

import random

import numpy as np

STOP_WORDS = 100
WORDS_A_PASSAGE = 60


def texts(size: int, seed: int = 7) -> list[list[str]]:
    """So many passages, each as a list of words; the same ones for the same arguments."""
    chance = np.random.default_rng(seed)
    lengths = np.clip(chance.lognormal(np.log(WORDS_A_PASSAGE) - 0.125, 0.5, size), 8, 400).astype(int)
    vocabulary = int(40 * np.sqrt(lengths.sum()))
    ranks = np.arange(1, vocabulary + 1) + STOP_WORDS
    words = chance.choice(vocabulary, lengths.sum(), p=(1 / ranks) / (1 / ranks).sum())
    names = [f"w{number}" for number in range(vocabulary)]
    ends = np.cumsum(lengths)
    return [[names[word] for word in words[end - length : end]] for end, length in zip(ends, lengths, strict=True)]


def questions(passages: list[list[str]], number: int, seed: int = 11) -> list[list[str]]:
    """Questions of two to eight words, each from one passage."""
    chance = random.Random(seed)
    found = []
    for passage in chance.choices(passages, k=number):
        words = sorted(set(passage))
        found.append(chance.sample(words, min(len(words), chance.choice((2, 3, 3, 4, 4, 5, 6, 8)))))
    return found
