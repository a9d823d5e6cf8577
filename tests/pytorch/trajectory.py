"""Trains CMUNeXt-S from formula weights with PyTorch, and prints losses and sums as JSON.

Usage: trajectory.py float32|float64 THREADS STEPS

The weights, the input and the target are those of the reference trajectory (tests/Formula.cs). With float32, one thread and
PyTorch 1.13 its losses are those of the reference to the last digit; with float64 rounding stays small for some ten steps,
which float32's does not.
"""
import json
import sys

import numpy
import torch
from torch import nn

DIMS, KERNELS = (8, 16, 32, 64, 128), (3, 3, 7, 7, 9)


def uniform(count, key):
    mask = numpy.uint64(0xFFFFFFFF)
    h = (numpy.arange(count, dtype=numpy.uint64) * numpy.uint64(2654435761) + numpy.uint64(key * 40503 + 12345)) & mask
    for factor, shift in ((0x85EBCA6B, 16), (0xC2B2AE35, 13)):
        h = ((h ^ (h >> numpy.uint64(shift))) * numpy.uint64(factor)) & mask
    h ^= h >> numpy.uint64(16)
    return (h >> numpy.uint64(8)).astype(numpy.float64) / 16777216


def fill(name, shape, place):
    u = uniform(int(numpy.prod(shape)), place)
    if name.endswith("num_batches_tracked"):
        return torch.tensor(0)
    if name.endswith("running_var"):
        values = 0.5 + u
    elif name.endswith("running_mean"):
        values = (2 * u - 1) * 0.1
    elif len(shape) >= 2:
        values = (2 * u - 1) * numpy.sqrt(4.5 / (u.size / shape[0]))
    elif name.endswith("weight"):
        values = 0.5 + u
    else:
        values = (2 * u - 1) * 0.1
    return torch.tensor(values.astype(numpy.float32).reshape(shape))


class Named(nn.Module):
    """A sequence under one name, with or without a residual, as the original's modules name theirs."""

    def __init__(self, name, layers, residual=False):
        super().__init__()
        self.name, self.residual = name, residual
        setattr(self, name, nn.Sequential(*layers))

    def forward(self, x):
        y = getattr(self, self.name)(x)
        return y + x if self.residual else y


def convolution_block(i, o):
    return [nn.Conv2d(i, o, 3, padding=1), nn.BatchNorm2d(o), nn.ReLU()]


def bottleneck(i, o):
    return [nn.Conv2d(i, 4 * o, 1), nn.GELU(), nn.BatchNorm2d(4 * o), nn.Conv2d(4 * o, o, 1), nn.GELU(), nn.BatchNorm2d(o)]


class Encoder(nn.Module):
    def __init__(self, i, o, k):
        super().__init__()
        depthwise = [nn.Conv2d(i, i, k, padding=k // 2, groups=i), nn.GELU(), nn.BatchNorm2d(i)]
        self.block = nn.Sequential(nn.Sequential(Named("fn", depthwise, residual=True), *bottleneck(i, i)))
        self.up = Named("conv", convolution_block(i, o))

    def forward(self, x):
        return self.up(self.block(x))


class CMUNeXtS(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = Named("conv", convolution_block(3, DIMS[0]))
        for i in range(5):
            setattr(self, f"encoder{i + 1}", Encoder(DIMS[max(i - 1, 0)], DIMS[i], KERNELS[i]))
        for i in range(4, 0, -1):
            i2, o = DIMS[i], DIMS[i - 1]
            upsample = nn.Upsample(scale_factor=2, mode="bilinear")
            setattr(self, f"Up{i + 1}", Named("up", [upsample, *convolution_block(i2, o)]))
            grouped = [nn.Conv2d(2 * o, 2 * o, 3, padding=1, groups=2), nn.GELU(), nn.BatchNorm2d(2 * o)]
            setattr(self, f"Up_conv{i + 1}", Named("conv", [*grouped, *bottleneck(2 * o, o)]))
        self.Conv_1x1 = nn.Conv2d(DIMS[0], 1, 1)

    def forward(self, x):
        features = []
        x = self.stem(x)
        for i in range(5):
            x = getattr(self, f"encoder{i + 1}")(x if i == 0 else nn.functional.max_pool2d(x, 2))
            features.append(x)
        for i in range(4, 0, -1):
            x = getattr(self, f"Up_conv{i + 1}")(torch.cat([features[i - 1], getattr(self, f"Up{i + 1}")(x)], 1))
        return self.Conv_1x1(x)


def main():
    dtype, steps = getattr(torch, sys.argv[1]), int(sys.argv[3])
    torch.set_num_threads(int(sys.argv[2]))
    network = CMUNeXtS()
    names = list(network.state_dict())
    network.load_state_dict({n: fill(n, tuple(network.state_dict()[n].shape), k) for k, n in enumerate(names)})
    network.to(dtype).train()
    image = torch.tensor((2 * uniform(4 * 3 * 64 * 64, 5000) - 1).astype(numpy.float32).reshape(4, 3, 64, 64)).to(dtype)
    target = torch.tensor((2 * uniform(4 * 64 * 64, 6000) - 1).astype(numpy.float32).reshape(4, 1, 64, 64))
    target = (target > 0.3).to(dtype)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-4)
    losses = []
    for step in range(steps):
        logits = network(image)
        p, t = torch.sigmoid(logits).flatten(1), target.flatten(1)
        dice = (2 * (p * t).sum(1) + 1e-5) / (p.sum(1) + t.sum(1) + 1e-5)
        loss = 0.5 * nn.functional.binary_cross_entropy_with_logits(logits, target) + 1 - dice.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        optimizer.param_groups[0]["lr"] = 0.01 * (1 - step / 20) ** 0.9
        losses.append(loss.item())
    sums = {n: [v.double().sum().item(), v.double().abs().sum().item()] for n, v in network.state_dict().items()}
    print(json.dumps({"losses": losses, "sums": sums}))


if __name__ == "__main__":
    main()
