"""Resizes images by formula with OpenCV (Debian's python3-opencv): /usr/bin/python3 tests/golden/resize.py"""

import pathlib

import cv2
import numpy as np

STRIDE = 17
target = pathlib.Path(__file__).parent / "resize"


def uniform(key, count):
    """The formula of Formula.cs, in 64 bits so that products are exact before they are reduced."""
    h = (np.arange(count, dtype=np.uint64) * 2654435761 + key * 40503 + 12345) % 2**32
    h = (h ^ (h >> 16)) * 0x85EBCA6B % 2**32
    h = (h ^ (h >> 13)) * 0xC2B2AE35 % 2**32
    return ((h ^ (h >> 16)) >> 8) / 2.0**24


def save(name, values):
    np.save(target / name, values.reshape(-1)[::STRIDE].astype(np.float32))


target.mkdir(exist_ok=True)
for width, height, key in [(613, 471, 7000), (190, 200, 7001)]:
    image = (uniform(key, height * width * 3) * 256).astype(np.uint8).reshape(height, width, 3)
    mask = np.where(uniform(key + 10, height * width) < 0.5, 0, 255).astype(np.uint8).reshape(height, width)
    save(f"{width}x{height}_linear.npy", cv2.resize(image, (256, 256), interpolation=cv2.INTER_LINEAR))
    save(f"{width}x{height}_nearest.npy", cv2.resize(mask, (256, 256), interpolation=cv2.INTER_NEAREST))
