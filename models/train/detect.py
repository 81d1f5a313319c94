"""Detector without anchors: one box and one score a class for every cell of a stride 8 grid.

Targets are assigned as in TOOD (Feng et al., ICCV 2021): a box goes to the cells in it whose present prediction
fits best in class and place, and the score to learn is the quality of that fit.
"""
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from .boxes import iou_and_giou, nms
from .net import Backbone, conv

STRIDE = 8
START_SIZE = (40.0, 60.0)  # width and height in pixels that an untrained head predicts
CELLS_PER_BOX = 9
SCORE_POWER, IOU_POWER = 0.5, 4.0
BOX_WEIGHT = 3.0


class Detector(nn.Module):
    """Backbone and head. forward: image [B,3,H,W] in 0..1 to boxes [B,N,4] in pixels and class logits [B,N,C]."""

    def __init__(self, n_classes, height, width_px, width=1.0, depth=1.0, shared=None, base=1.0, start_size=START_SIZE):
        super().__init__()
        self.backbone = Backbone(width, depth, shared, base)
        c = self.backbone.out_channels
        self.class_head = nn.Sequential(conv(c, c), nn.Conv2d(c, n_classes, 1))
        self.box_head = nn.Sequential(conv(c, c), nn.Conv2d(c, 4, 1))
        nn.init.constant_(self.class_head[-1].bias, -4.6)  # a score of 0.01
        with torch.no_grad():
            self.box_head[-1].weight.mul_(0.1)
            self.box_head[-1].bias.copy_(torch.tensor([0.0, 0.0] + [np.log(s / STRIDE) for s in start_size]))
        y, x = np.mgrid[0:height // STRIDE, 0:width_px // STRIDE]
        centres = np.stack([x.ravel(), y.ravel()], 1) * STRIDE + STRIDE / 2
        self.register_buffer("centres", torch.tensor(centres, dtype=torch.float32), persistent=False)

    def forward(self, image):
        features = self.backbone(image)
        logits = self.class_head(features).flatten(2).transpose(1, 2)
        raw = self.box_head(features).flatten(2).transpose(1, 2)
        middle = self.centres + raw[..., :2] * STRIDE
        half = torch.exp(raw[..., 2:].clamp(max=4.5)) * (STRIDE / 2)
        return torch.cat([middle - half, middle + half], -1), logits


class Deployed(nn.Module):
    """What is exported: boxes clipped to the image, and scores in 0..1."""

    def __init__(self, detector, height, width_px):
        super().__init__()
        self.detector = detector
        self.register_buffer("limit", torch.tensor([width_px, height, width_px, height], dtype=torch.float32))

    def forward(self, image):
        boxes, logits = self.detector(image)
        return torch.minimum(boxes.clamp(min=0), self.limit), torch.sigmoid(logits)


@torch.no_grad()
def assign(boxes, logits, centres, gt_boxes, gt_labels, gt_valid):
    """Choose the cells that learn each box.

    boxes [B,N,4], logits [B,N,C]: the present prediction; gt_* [B,M,...]: padded truth.
    Returns score targets [B,N,C], the box of each cell [B,N,4], and which cells have one [B,N].
    """
    iou, _ = iou_and_giou(gt_boxes[:, :, None], boxes[:, None])  # [B,M,N]
    labels = gt_labels[:, :, None].expand(-1, -1, boxes.shape[1])
    score = torch.sigmoid(logits).transpose(1, 2).gather(1, labels)  # [B,M,N]
    middle = (gt_boxes[..., :2] + gt_boxes[..., 2:]) / 2
    reach = ((gt_boxes[..., 2:] - gt_boxes[..., :2]) / 2).clamp(min=STRIDE * 0.75)
    inside = ((centres - middle[:, :, None]).abs() < reach[:, :, None]).all(-1) & gt_valid[..., None]
    # A little of plain nearness decides while nothing is learnt yet.
    nearness = 1 / (1 + ((centres - middle[:, :, None]) / reach[:, :, None]).pow(2).sum(-1))
    fit = (score.pow(SCORE_POWER) * iou.pow(IOU_POWER) + 1e-6 * nearness) * inside
    best = torch.zeros_like(inside).scatter(2, fit.topk(CELLS_PER_BOX, 2).indices, True) & inside
    owner_iou, owner = torch.where(best, iou, torch.full_like(iou, -1.0)).max(1)  # [B,N]
    taken = owner_iou >= 0
    owned = best & (owner[:, None] == torch.arange(best.shape[1], device=best.device)[None, :, None])
    fit = fit * owned
    top_fit, top_iou = fit.amax(2), (iou * owned).amax(2)  # [B,M]
    quality = (fit * (top_iou / top_fit.clamp(min=1e-9))[..., None]).amax(1)  # [B,N]
    cell_labels = gt_labels.gather(1, owner)
    targets = F.one_hot(cell_labels, logits.shape[2]) * (quality * taken)[..., None]
    cell_boxes = gt_boxes.gather(1, owner[..., None].expand(-1, -1, 4))
    return targets, cell_boxes, taken


def imitation(prediction, teacher):
    """How far a network's boxes and logits are from those of the larger one that it learns from (Hinton et al., 2015).

    Cells count by the score that the teacher gives them or the network itself, so that the many empty ones don't rule.
    """
    (boxes, logits), (wanted_boxes, wanted_logits) = prediction, teacher
    wanted = torch.sigmoid(wanted_logits)
    weight = torch.maximum(wanted, torch.sigmoid(logits).detach()).amax(-1)
    total = weight.sum().clamp(min=1.0)
    entropy = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    least = -(wanted * torch.log(wanted.clamp(min=1e-6)) + (1 - wanted) * torch.log((1 - wanted).clamp(min=1e-6)))
    best = wanted.amax(-1)
    chosen = best > 0.2
    _, giou = iou_and_giou(boxes[chosen], wanted_boxes[chosen])
    return (((entropy - least).sum(-1) * weight).sum() + BOX_WEIGHT * ((1 - giou) * best[chosen]).sum()) / total


def loss(prediction, centres, truth):
    """Sum of class and box losses for a padded batch; truth = (boxes [B,M,4], labels [B,M], valid [B,M])."""
    boxes, logits = prediction
    targets, cell_boxes, taken = assign(boxes, logits, centres, *truth)
    total = targets.sum().clamp(min=1.0)
    # Varifocal weights: cells without a box count by how wrong they are.
    weight = torch.where(targets > 0, torch.ones_like(targets), torch.sigmoid(logits).detach().pow(1.5))
    class_loss = (F.binary_cross_entropy_with_logits(logits, targets, reduction="none") * weight).sum() / total
    cell_weight = targets.sum(-1)[taken]
    _, giou = iou_and_giou(boxes[taken], cell_boxes[taken])
    box_loss = ((1 - giou) * cell_weight).sum() / total
    return class_loss + BOX_WEIGHT * box_loss


def detections(boxes, scores, score_threshold, iou_threshold):
    """What the node makes of one image's output: rows x1,y1,x2,y2,score,class by falling score.

    boxes [N,4], scores [N,C] as numpy arrays. Class is the best one of the cell; suppression ignores it.
    """
    label, score = scores.argmax(1), scores.max(1)
    chosen = np.flatnonzero(score >= score_threshold)
    chosen = chosen[nms(boxes[chosen], score[chosen], iou_threshold)] if len(chosen) else chosen
    return np.column_stack([boxes[chosen], score[chosen], label[chosen]]).astype(np.float32)
