"""The numbers of `Noise`, computed independently, in double precision: the reference of tests/noise.rs.

    python3 docs/noise.py
"""

import math

MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
KEY_INCREMENTS = (0x9E3779B9, 0xBB67AE85)
MASK = 0xFFFFFFFF
FORK = MASK


def philox(key, counter):
    """Philox-4x32-10 (Salmon et al. 2011)."""
    key, words = list(key), list(counter)
    for _ in range(10):
        first, second = MULTIPLIERS[0] * words[0], MULTIPLIERS[1] * words[2]
        words = [(second >> 32) ^ words[1] ^ key[0], second & MASK, (first >> 32) ^ words[3] ^ key[1], first & MASK]
        key = [(k + increment) & MASK for k, increment in zip(key, KEY_INCREMENTS)]
    return words


def uniform(word):
    """The middle of one of 2^23 cells."""
    return ((word >> 9) + 0.5) / 2**23


def normal_pair(radius, angle):
    """Box and Muller: a radius from 31 bits; a quarter turn from the angle's top two bits, plus the
    fraction of one, in [-1/2, 1/2), that its other 30 bits say as a signed number."""
    radius = math.sqrt(-2 * math.log((radius >> 1) / 2**31 + 2**-32))
    fraction = (angle & 0x3FFFFFFF) / 2**30
    fraction -= fraction >= 0.5
    turn = ((angle >> 30) + fraction) * math.pi / 2
    return radius * math.cos(turn), radius * math.sin(turn)


def row(key, draw, sample, datapoint, features, normal):
    numbers = []
    for block in range((features + 3) // 4):
        words = philox(key, (block, datapoint, sample, draw))
        if normal:
            numbers += [*normal_pair(*words[:2]), *normal_pair(*words[2:])]
        else:
            numbers += [uniform(word) for word in words]
    return numbers[:features]


def seeded(seed):
    return seed & MASK, seed >> 32


def fork(key, stream):
    return tuple(philox(key, (stream & MASK, stream >> 32, 0, FORK))[:2])


def permutation(key, draw, length):
    def sort_key(i):
        low, high, *_ = philox(key, (0, i, 0, draw))
        return (high << 32 | low, i)

    return sorted(range(length), key=sort_key)


print("normal:     ", row(seeded(0), 0, 0, 0, 6, normal=True))
print("uniform:    ", row(seeded(0), 0, 0, 0, 6, normal=False))
key = fork(seeded(0x0123456789ABCDEF), 5)
print("fork:       ", [row(key, 0, 3, datapoint, 2, normal=True) for datapoint in (0, 1)])
print("permutation:", permutation(seeded(1), 0, 8))
