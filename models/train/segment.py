"""Segmentation of thin things: the shared stem, two coarser stages, and a way back up to full resolution.

A small U-Net (Ronneberger et al., MICCAI 2015) whose first layers are the stem that all tasks share. The last step
from half to full resolution is a depth-to-space (Shi et al., CVPR 2016), which costs less than a convolution there.
"""
import torch
import torch.nn.functional as F
from torch import nn

from .net import STEM_CHANNELS, Early, PyramidPool, channels, conv

STAGE8_CHANNELS, STAGE16_CHANNELS = 48, 80
HALF_CHANNELS = 16  # of the stem's first layer, at half resolution
DICE_WEIGHT = 1.0


class Segmenter(nn.Module):
    """image [B,3,H,W] in 0..1, H and W multiples of 16, to the logits [B,1,H,W] of one class.

    The early layers as net.Early has them; width scales the way back up too. Below depth 1 it ends at a quarter of the
    resolution instead of half.
    """

    def __init__(self, width=1.0, depth=1.0, shared=None):
        super().__init__()
        self.early = Early(STAGE8_CHANNELS, STAGE16_CHANNELS, 1, width, depth, shared)
        c8, c16 = self.early.channels
        own8, own16 = channels(STAGE8_CHANNELS, width), channels(STAGE16_CHANNELS, width)
        c4, c2 = channels(STEM_CHANNELS, width), channels(16, width)
        self.pool = PyramidPool(c16, own16)
        self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
        self.down16, self.merge8 = conv(own16, c8, 1), conv(c8, own8)
        self.down8, self.merge4 = conv(own8, STEM_CHANNELS, 1), conv(STEM_CHANNELS, c4)
        self.merge2 = conv(c4 + HALF_CHANNELS, c2) if depth >= 1 else None
        self.head = nn.Conv2d(c2, 4, 3, 1, 1) if depth >= 1 else nn.Conv2d(c4, 16, 3, 1, 1)
        self.spread = nn.PixelShuffle(2 if depth >= 1 else 4)
        nn.init.constant_(self.head.bias, -3.0)  # a share of 0.05

    def forward(self, image):
        x2, x4, x8, x16 = self.early(image)
        x8 = self.merge8(x8 + self.up(self.down16(self.pool(x16))))
        x4 = self.merge4(x4 + self.up(self.down8(x8)))
        if self.merge2 is None:
            return self.spread(self.head(x4))
        return self.spread(self.head(self.merge2(torch.cat([self.up(x4), x2], 1))))


class Deployed(nn.Module):
    """What is exported: probabilities instead of logits."""

    def __init__(self, segmenter):
        super().__init__()
        self.segmenter = segmenter

    def forward(self, image):
        return torch.sigmoid(self.segmenter(image))


def loss(logits, target, weight):
    """Cross entropy and soft Dice (Milletari et al., 3DV 2016) of logits, target 0..1 and weight, all [B,1,H,W].

    Pixels of weight 0 don't count. Dice is taken over the batch, so that empty pictures do no harm.
    """
    entropy = (F.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight).sum() / weight.sum()
    p = torch.sigmoid(logits) * weight
    t = target * weight
    dice = 1 - (2 * (p * t).sum() + 1) / (p.square().sum() + t.square().sum() + 1)
    return entropy + DICE_WEIGHT * dice
