"""Building blocks of the networks, and the backbone that the tasks share.

A level of a family is made with three numbers: `shared`, how many of the first layers it has in common with the
largest network; `width`, which scales the channels of the layers behind them (rounded to a multiple of 8); and
`depth`, which scales the number of residual blocks in these (at least one a stage).
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

    def __init__(self, c_in, c_out):
        super().__init__()
        half = c_out // 2
        self.squeeze = conv(c_in, half, 1)
        self.pool = nn.MaxPool2d(5, 1, 2)
        self.mix = conv(4 * half, c_out, 1)

    def forward(self, x):
        parts = [self.squeeze(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        return self.mix(torch.cat(parts, 1))


class Stem(nn.Module):
    """The first layers: image [B,3,H,W] in 0..1 to STEM_CHANNELS at stride 4; no width. A shallow one has no block."""

    def __init__(self, shallow=False):
        super().__init__()
        self.register_buffer("mean", torch.tensor(PIXEL_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(PIXEL_STD).view(1, 3, 1, 1))
        block = [] if shallow else [Residual(STEM_CHANNELS)]
        self.layers = nn.Sequential(conv(3, 16, 3, 2), conv(16, STEM_CHANNELS, 3, 2), *block)

    def forward(self, image):
        return self.layers((image - self.mean) / self.std)


class Early(nn.Module):
    """Stem and two stages, at strides 4, 8 and 16: the layers of which a family's levels share the first ones.

    c8, c16: channels of the stages in the largest network; n: residual blocks of each there. A level has the first
    `shared` layers of the largest network (a layer is a strided convolution or a residual block: 3 of the stem, then
    1 + n a stage), whose weights never change, and behind them its own, narrower by `width` and fewer by `depth`. A
    stage is shared or not: one that is cut off between two blocks ends there. shared: None for the largest network
    itself, which has all layers and learns them.
    """

    def __init__(self, c8, c16, n, width=1.0, depth=1.0, shared=None):
        super().__init__()
        own = blocks(n, depth)
        given = 0 if shared is None else shared
        in_stage8, in_stage16 = max(0, given - 3), max(0, given - 3 - (1 + n))
        if shared is not None and (given < 2 or in_stage8 == 1 or in_stage16 == 1 or in_stage16 > 1 + n):
            raise ValueError(f"shared={shared}: the first layers can be shared up to "
                             f"{', '.join(map(str, self.cuts(n)))}")
        c8, n8 = (c8, min(in_stage8 - 1, n)) if in_stage8 else (channels(c8, width), own)
        c16, n16 = (c16, in_stage16 - 1) if in_stage16 else (channels(c16, width), own)
        self.stem = Stem(shallow=shared is not None and given < 3)
        self.stage8 = stage(STEM_CHANNELS, c8, n8)
        self.stage16 = stage(c8, c16, n16)
        self.channels = (c8, c16)
        layers = [*self.stem.layers, *self.stage8, *self.stage16]
        self.fixed = layers[:given]
        for layer in self.fixed:
            layer.requires_grad_(False)

    @staticmethod
    def cuts(n):
        """The numbers of layers that can be shared in a family whose largest network has n blocks a stage."""
        return [2, 3, *range(5, 4 + n + 1), *range(6 + n, 5 + 2 * n + 1)]

    def train(self, mode=True):
        """As of nn.Module, but the shared layers stay as they are, their batch norms too."""
        super().train(mode)
        for layer in self.fixed:
            layer.eval()
        return self

    def take(self, largest):
        """Copies the shared layers of the largest network of the family."""
        theirs = largest.state_dict()
        fixed = {id(p) for layer in self.fixed for p in [*layer.parameters(), *layer.buffers()]}
        with torch.no_grad():
            for name, value in [*self.named_parameters(), *self.named_buffers()]:
                if id(value) in fixed:
                    value.copy_(theirs[name])

    def forward(self, image):
        """Features at strides 2, 4, 8 and 16."""
        x2 = self.stem.layers[0]((image - self.stem.mean) / self.stem.std)
        x4 = self.stem.layers[1:](x2)
        x8 = self.stage8(x4)
        return x2, x4, x8, self.stage16(x8)


class Backbone(nn.Module):
    """Early layers, then features at stride 8 that have seen the whole neighbourhood.

    H and W of the image must be multiples of 16. `out_channels` is the number of channels returned. base scales the
    largest network of the family.
    """

    def __init__(self, width=1.0, depth=1.0, shared=None, base=1.0):
        super().__init__()
        self.early = Early(channels(STAGE8_CHANNELS, base), channels(STAGE16_CHANNELS, base), 2, width, depth, shared)
        c8, c16 = self.early.channels
        c = channels(STAGE8_CHANNELS, base * width)
        wide = channels(STAGE16_CHANNELS, base * width)
        self.pool = PyramidPool(c16, wide)
        self.beside = nn.Identity() if c8 == c else conv(c8, c, 1)
        self.down = conv(wide, c, 1)
        self.up = nn.Upsample(scale_factor=2, mode="nearest")
        self.merge = conv(c, c)
        self.out_channels = c

    def forward(self, image):
        _, _, fine, coarse = self.early(image)
        return self.merge(self.beside(fine) + self.up(self.down(self.pool(coarse))))
