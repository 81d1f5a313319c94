"""Segmentation of thin things: the shared stem, two coarser stages, and a way back up to full resolution.

A small U-Net (Ronneberger et al., MICCAI 2015) whose first layers are the stem that all tasks share. The last step
from half to full resolution is a depth-to-space (Shi et al., CVPR 2016), which costs less than a convolution there.
"""
import torch
import torch.nn.functional as F
from torch import nn

from .net import STEM_CHANNELS, PyramidPool, Stem, blocks, channels, conv, stage

HALF_CHANNELS = 16  # of the stem's first layer, at half resolution
DICE_WEIGHT = 1.0


class Segmenter(nn.Module):
    """image [B,3,H,W] in 0..1, H and W multiples of 16, to the logits [B,1,H,W] of one class.

    width scales the channels behind the stem, depth the residual blocks of the two coarse stages.
    """

    def __init__(self, width=1.0, depth=1.0):
        super().__init__()
        c8, c16 = channels(48, width), channels(80, width)
        c4, c2 = channels(32, width), channels(16, width)
        n = blocks(1, depth)
        self.stem = Stem()
        self.stage8 = stage(STEM_CHANNELS, c8, n)
        self.stage16 = nn.Sequential(stage(c8, c16, n), PyramidPool(c16))
        self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False)
        self.down16, self.merge8 = conv(c16, c8, 1), conv(c8, c8)
        self.down8, self.merge4 = conv(c8, STEM_CHANNELS, 1), conv(STEM_CHANNELS, c4)
        self.merge2 = conv(c4 + HALF_CHANNELS, c2)
        self.head = nn.Conv2d(c2, 4, 3, 1, 1)
        self.spread = nn.PixelShuffle(2)
        nn.init.constant_(self.head.bias, -3.0)  # a share of 0.05

    def forward(self, image):
        x2 = self.stem.layers[0]((image - self.stem.mean) / self.stem.std)
        x4 = self.stem.layers[1:](x2)
        x8 = self.stage8(x4)
        x8 = self.merge8(x8 + self.up(self.down16(self.stage16(x8))))
        x4 = self.merge4(x4 + self.up(self.down8(x8)))
        x2 = self.merge2(torch.cat([self.up(x4), x2], 1))
        return self.spread(self.head(x2))


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
