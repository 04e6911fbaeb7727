"""Functions that the tests sweep: at the top of a module, so that other processes find
them.
"""

import os
import random
from pathlib import Path


def wave(height, length=1, *, seed):
    return height + length * random.Random(seed).random()


def likely(chance, *, seed):
    return random.Random(seed).random() < chance


def both(chance, *, seed):
    return {"came": likely(chance, seed=seed), "at": wave(chance, seed=seed)}


def refuses(limit, *, seed):
    if seed % 100 >= limit:
        raise LookupError(f"{seed} is too much")
    return seed % 100


def interrupts(height, *, seed, at):
    """As a worker does that gets the Ctrl-C of its terminal too."""
    if height == at:
        raise KeyboardInterrupt
    return wave(height, seed=seed)


def dies_once(height, mark, *, seed):
    """Takes its process along, if it is the first to come so far."""
    if height == 2:
        try:
            Path(mark).touch(exist_ok=False)
        except FileExistsError:
            pass
        else:
            os._exit(1)
    return wave(height, seed=seed)


def dies(height, *, seed):
    if height == 2:
        os._exit(1)
    return True
