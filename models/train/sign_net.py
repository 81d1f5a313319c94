"""The sign network: a detector over the whole frame, crops of its best boxes, and a classifier, as one graph."""
import torch
import torch.nn.functional as F
from torch import nn

from . import detect
from .net import blocks, channels, conv, stage
from .sign_data import CROP, HEIGHT, WIDTH

CANDIDATES = 8           # boxes that are cut out and classified in every frame: the cost is constant
MARGIN = 1.25            # side of a crop over that of its box: crops of GTSRB have about that margin
DETECTOR_WIDTH = 0.5     # of net.Backbone at width 1 of this family: the frame is large
START_SIZE = (20.0, 20.0)


def new_detector(height, width_px, width=1.0, depth=1.0, n_classes=1, shared=None):
    """An untrained detector of signs; one class: a sign of any kind."""
    return detect.Detector(n_classes, height, width_px, width, depth, shared, DETECTOR_WIDTH, START_SIZE)


def standardised(crops):
    """Crops [B,3,H,W] with a mean of 0 and a spread of 1 each: a sign in the shade is like one in the sun."""
    mean = crops.mean((1, 2, 3), keepdim=True)
    spread = (crops - mean).square().mean((1, 2, 3), keepdim=True).sqrt()
    return (crops - mean) / (spread + 0.02)


class Classifier(nn.Module):
    """Crops [B,3,48,48] in 0..1 to logits [B,n]."""

    def __init__(self, n, width=1.0, depth=1.0):
        super().__init__()
        c = [channels(base, width) for base in (16, 32, 64, 128)]
        self.layers = nn.Sequential(
            conv(3, c[0]), stage(c[0], c[1], blocks(1, depth)), stage(c[1], c[2], blocks(1, depth)),
            stage(c[2], c[3], blocks(1, depth)))
        self.last = nn.Linear(c[3] * 4, n)
        self.drop = nn.Dropout(0.3)

    def forward(self, image):
        x = F.avg_pool2d(self.layers(standardised(image)), 3)  # 6x6 to 2x2 cells: arrows are told by where they point
        return self.last(self.drop(x.flatten(1)))


class ClassifierDeployed(nn.Module):
    """The classifier alone, with probabilities for output."""

    def __init__(self, classifier):
        super().__init__()
        self.classifier = classifier

    def forward(self, image):
        return torch.softmax(self.classifier(image), 1)


class RoiAlign(torch.autograd.Function):
    """ONNX's operator RoiAlign (opset 16: half_pixel, one sample a bin) on one image.

    Signs are mostly smaller than a crop. Four samples a bin, as in training until November 2026, take four times as long, a
    tenth of an inference, and tell nothing more (micro F1 on val).

    forward: image [1,C,H,W] and boxes [K,4] in pixels to crops [K,C,48,48].
    """

    @staticmethod
    def forward(_ctx, image, boxes):
        height, width = image.shape[2:]
        at = (torch.arange(CROP, device=boxes.device) + 0.5) / CROP
        x = boxes[:, :1] + at * (boxes[:, 2:3] - boxes[:, :1])
        y = boxes[:, 1:2] + at * (boxes[:, 3:] - boxes[:, 1:2])
        n = len(boxes)
        grid = torch.stack([(2 * x / width - 1)[:, None, :].expand(n, CROP, -1),
                            (2 * y / height - 1)[:, :, None].expand(n, -1, CROP)], -1)
        samples = F.grid_sample(image.expand(n, -1, -1, -1), grid, padding_mode="border", align_corners=False)
        seen_x = (x >= -0.5) & (x <= width + 0.5)  # what lies further out is 0
        seen_y = (y >= -0.5) & (y <= height + 0.5)
        return samples * (seen_y[:, :, None] & seen_x[:, None, :])[:, None]

    @staticmethod
    def symbolic(g, image, boxes):
        batch = g.op("Constant", value_t=torch.zeros(CANDIDATES, dtype=torch.int64))
        return g.op("RoiAlign", image, boxes, batch, output_height_i=CROP, output_width_i=CROP, sampling_ratio_i=1,
                    spatial_scale_f=1.0, mode_s="avg", coordinate_transformation_mode_s="half_pixel")


def crop_boxes(boxes):
    """The regions that are cut out for boxes [N,4]: their own, with a margin."""
    middle, half = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) * (MARGIN / 2)
    return torch.cat([middle - half, middle + half], 1)


class Deployed(nn.Module):
    """What is exported: image [1,3,HEIGHT,WIDTH] to boxes [1,K,4], clipped, and scores [1,K,43] in 0..1."""

    def __init__(self, detector, classifier, n_labels):
        super().__init__()
        self.detector, self.classifier, self.n_labels = detector, classifier, n_labels
        self.register_buffer("limit", torch.tensor([WIDTH, HEIGHT, WIDTH, HEIGHT], dtype=torch.float32))

    def propose(self, image):
        """The best boxes [K,4], clipped, and their scores [K]: those that no neighbouring cell outdoes."""
        boxes, logits = self.detector(image)
        score = torch.sigmoid(logits.amax(2)).view(1, 1, HEIGHT // detect.STRIDE, WIDTH // detect.STRIDE)
        peaks = torch.where(score == F.max_pool2d(score, 3, 1, 1), score, torch.zeros_like(score))
        best, at = peaks.flatten().topk(CANDIDATES)
        return torch.minimum(boxes[0].index_select(0, at).clamp(min=0), self.limit), best

    def forward(self, image):
        boxes, found = self.propose(image)
        crops = RoiAlign.apply(image, crop_boxes(boxes))
        known = torch.softmax(self.classifier(crops), 1)[:, :self.n_labels]
        return boxes[None], torch.sqrt(found[:, None] * known)[None]
