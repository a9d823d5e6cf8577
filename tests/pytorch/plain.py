"""Trains CMUNeXt-S at 128 x 128 with plain scaling (red, green, blue from 0 to 1) in PyTorch, and judges it there.

    plain.py DATA TRAIN.txt VAL.txt ITERATIONS WEIGHTS.pth

DATA is a prepared data set of one class. Prints the mean over the cases of VAL.txt of the IoU at the images' own size, as JSON; a case
without a lesion in which nothing is marked has none.
"""

import json
import sys

import numpy
import torch
from PIL import Image
from predict import CMUNeXt
from torch import nn

SIZE = 128
BATCH = 4


def read(data, name):
    image = numpy.array(Image.open(f"{data}/images/{name}.png").convert("RGB"))
    mask = numpy.array(Image.open(f"{data}/masks/0/{name}.png").convert("L")) > 127
    return image, torch.from_numpy(mask)


def weights(length):
    """For each place of the small side the pixels that it lies between, and their weights in 11 bits."""
    place = (numpy.arange(SIZE) + 0.5) * length / SIZE - 0.5
    first = numpy.floor(place).astype(int)
    part = numpy.where((first < 0) | (first >= length - 1), 0.0, place - first)
    first = numpy.clip(first, 0, length - 1)
    second = numpy.round(part * 2048).astype(int)
    return first, numpy.minimum(first + 1, length - 1), 2048 - second, second


def resize(image):
    """Bilinear as OpenCV has it for 8 bits (INTER_LINEAR), in its fixed-point arithmetic: height x width x channels."""
    left, right, w_left, w_right = weights(image.shape[1])
    rows = image[:, left].astype(int) * w_left[:, None] + image[:, right].astype(int) * w_right[:, None]
    top, bottom, w_top, w_bottom = weights(image.shape[0])
    upper = (w_top[:, None, None] * (rows[top] >> 4)) >> 16
    lower = (w_bottom[:, None, None] * (rows[bottom] >> 4)) >> 16
    return (upper + lower + 2) >> 2


def to_input(image):
    return torch.from_numpy(resize(image)).permute(2, 0, 1)[None].float() / 255


def train(network, cases, iterations):
    images = torch.cat([to_input(image) for image, _ in cases])
    masks = torch.cat([nn.functional.interpolate(mask[None, None].float(), size=(SIZE, SIZE), mode="nearest") for _, mask in cases])
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    network.train()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = 0.4  # Statistics that follow within the few iterations.
    for i in range(iterations):
        batch = torch.randperm(len(cases))[:BATCH]
        logits = network(images[batch])
        probability = torch.sigmoid(logits)
        overlap = (probability * masks[batch]).sum()
        dice = 1 - (2 * overlap + 1) / (probability.sum() + masks[batch].sum() + 1)
        loss = nn.functional.binary_cross_entropy_with_logits(logits, masks[batch]) + dice
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def judge(network, cases):
    network.eval()
    ious = []
    with torch.inference_mode():
        for image, mask in cases:
            probability = torch.sigmoid(network(to_input(image)))
            found = nn.functional.interpolate(probability, size=tuple(mask.shape), mode="bilinear")[0, 0] > 0.5
            union = int((found | mask).sum())
            ious += [int((found & mask).sum()) / union] if union else []
    return sum(ious) / len(ious)


def main():
    data, training, validation, iterations, output = sys.argv[1:6]
    torch.manual_seed(19)
    torch.set_num_threads(1)

    def cases(path):
        return [read(data, name) for name in open(path, encoding="utf-8").read().splitlines()]

    network = CMUNeXt()
    train(network, cases(training), int(iterations))
    torch.save(network.state_dict(), output)
    print(json.dumps({"iou": judge(network, cases(validation))}))


if __name__ == "__main__":
    main()
