"""Building blocks of the networks, and the backbone that the tasks share.

A family is made with two numbers. `width` scales the channels of the private stages (rounded to a multiple of 8),
`depth` the number of their residual blocks (at least one a stage). The stem is the same at every level, so that the
levels of a family, and families of different tasks, can share its weights and its output.
"""
import torch
from torch import nn

# Mean and spread of the pixels (RGB, 0..1) that the stem takes off; round numbers near those of road photographs.
PIXEL_MEAN = (0.45, 0.45, 0.45)
PIXEL_STD = (0.27, 0.27, 0.27)

STEM_CHANNELS = 32
STAGE8_CHANNELS = 64
STAGE16_CHANNELS = 128


def channels(base, width):
    """Channels of a layer that has `base` of them at width 1: a multiple of 8, at least 8."""
    return max(8, int(base * width / 8 + 0.5) * 8)


def blocks(base, depth):
    """Residual blocks of a stage that has `base` of them at depth 1, at least 1."""
    return max(1, int(base * depth + 0.5))


def conv(c_in, c_out, size=3, stride=1):
    """Convolution, batch norm (folded into it on export) and ReLU."""
    return nn.Sequential(
        nn.Conv2d(c_in, c_out, size, stride, size // 2, bias=False),
        nn.BatchNorm2d(c_out),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """Two 3x3 convolutions around a shortcut; keeps the shape."""

    def __init__(self, c):
        super().__init__()
        self.first = conv(c, c)
        self.second = nn.Sequential(nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c))

    def forward(self, x):
        return torch.relu(x + self.second(self.first(x)))


def stage(c_in, c_out, n):
    """Halves the resolution, then n residual blocks."""
    return nn.Sequential(conv(c_in, c_out, 3, 2), *[Residual(c_out) for _ in range(n)])


class PyramidPool(nn.Module):
    """Widens the field of view: max pools of 5, 9 and 13 cells beside the input, mixed by a 1x1 convolution."""

    def __init__(self, c):
        super().__init__()
        half = c // 2
        self.squeeze = conv(c, half, 1)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.mix = conv(4 * half, c, 1)

    def forward(self, x):
        parts = [self.squeeze(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.mix(torch.cat(parts, 1))


class Stem(nn.Module):
    """The shared early layers: image [B,3,H,W] in 0..1 to STEM_CHANNELS at stride 4; no width, no depth."""

    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.tensor(PIXEL_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(PIXEL_STD).view(1, 3, 1, 1))
        self.layers = nn.Sequential(conv(3, 16, 3, 2), conv(16, STEM_CHANNELS, 3, 2), Residual(STEM_CHANNELS))

    def forward(self, image):
        return self.layers((image - self.mean) / self.std)


class Backbone(nn.Module):
    """Stem, then private stages; returns features at stride 8 that have seen the whole neighbourhood.

    H and W of the image must be multiples of 16. `out_channels` is the number of channels returned.
    """

    def __init__(self, width=1.0, depth=1.0):
        super().__init__()
        c8, c16 = channels(STAGE8_CHANNELS, width), channels(STAGE16_CHANNELS, width)
        n = blocks(2, depth)
        self.stem = Stem()
        self.stage8 = stage(STEM_CHANNELS, c8, n)
        self.stage16 = nn.Sequential(stage(c8, c16, n), PyramidPool(c16))
        self.down = conv(c16, c8, 1)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.merge = conv(c8, c8)
        self.out_channels = c8

    def forward(self, image):
        fine = self.stage8(self.stem(image))
        coarse = self.down(self.stage16(fine))
        return self.merge(fine + self.up(coarse))
