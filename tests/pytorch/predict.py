"""One image to its mask in PyTorch, the whole job of cmunext-edge, for comparing time, memory and masks.

    predict.py WEIGHTS.pth PICTURE MASK.png [THREADS]

CMUNeXt-S from its description; the image is read and the mask written with Pillow.
"""

import sys

import numpy
import torch
from PIL import Image
from torch import nn

DIMS = (8, 16, 32, 64, 128)
DEPTHS = (1, 1, 1, 1, 1)
KERNELS = (3, 3, 7, 7, 9)


class Residual(nn.Module):
    def __init__(self, fn):
        super().__init__()
        self.fn = fn

    def forward(self, x):
        return self.fn(x) + x


class ConvBlock(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))

    def forward(self, x):
        return self.conv(x)


class Encoder(nn.Module):
    def __init__(self, inputs, outputs, depth, kernel):
        super().__init__()
        self.block = nn.Sequential(*[
            nn.Sequential(
                Residual(nn.Sequential(
                    nn.Conv2d(inputs, inputs, kernel, groups=inputs, padding=kernel // 2), nn.GELU(), nn.BatchNorm2d(inputs))),
                nn.Conv2d(inputs, 4 * inputs, 1), nn.GELU(), nn.BatchNorm2d(4 * inputs),
                nn.Conv2d(4 * inputs, inputs, 1), nn.GELU(), nn.BatchNorm2d(inputs),
            )
            for _ in range(depth)
        ])
        self.up = ConvBlock(inputs, outputs)

    def forward(self, x):
        return self.up(self.block(x))


class Up(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.up = nn.Sequential(
            nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True))

    def forward(self, x):
        return self.up(x)


class SkipFusion(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(inputs, inputs, 3, groups=2, padding=1), nn.GELU(), nn.BatchNorm2d(inputs),
            nn.Conv2d(inputs, 4 * outputs, 1), nn.GELU(), nn.BatchNorm2d(4 * outputs),
            nn.Conv2d(4 * outputs, outputs, 1), nn.GELU(), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return self.conv(x)


class CMUNeXt(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = ConvBlock(3, DIMS[0])
        for i in range(5):
            setattr(self, f"encoder{i + 1}", Encoder(DIMS[max(i - 1, 0)], DIMS[i], DEPTHS[i], KERNELS[i]))
        for i in range(5, 1, -1):
            setattr(self, f"Up{i}", Up(DIMS[i - 1], DIMS[i - 2]))
            setattr(self, f"Up_conv{i}", SkipFusion(2 * DIMS[i - 2], DIMS[i - 2]))
        self.Conv_1x1 = nn.Conv2d(DIMS[0], 1, 1)

    def forward(self, x):
        skips = []
        x = self.encoder1(self.stem(x))
        for i in range(2, 6):
            skips.append(x)
            x = getattr(self, f"encoder{i}")(nn.functional.max_pool2d(x, 2))
        for i in range(5, 1, -1):
            x = torch.cat((skips.pop(), getattr(self, f"Up{i}")(x)), dim=1)
            x = getattr(self, f"Up_conv{i}")(x)
        return self.Conv_1x1(x)


def main():
    weights, image, output = sys.argv[1:4]
    if len(sys.argv) > 4:
        torch.set_num_threads(int(sys.argv[4]))
    network = CMUNeXt()
    network.load_state_dict(torch.load(weights, map_location="cpu"))
    network.eval()
    with torch.inference_mode():
        pixels = torch.from_numpy(numpy.array(Image.open(image).convert("RGB"))).permute(2, 0, 1)[None].float()
        height, width = pixels.shape[2:]
        small = nn.functional.interpolate(pixels, size=(256, 256), mode="bilinear").round().flip(1)
        mean = torch.tensor((0.485, 0.456, 0.406)).view(3, 1, 1)
        deviation = torch.tensor((0.229, 0.224, 0.225)).view(3, 1, 1)
        logits = network((small / 255 - mean) / deviation / 255)
        probability = nn.functional.interpolate(torch.sigmoid(logits), size=(height, width), mode="bilinear")
        mask = (probability[0, 0] > 0.5).to(torch.uint8) * 255
    Image.fromarray(mask.numpy()).save(output)


if __name__ == "__main__":
    main()
