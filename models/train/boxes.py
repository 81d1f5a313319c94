"""Geometry of boxes x1,y1,x2,y2 in pixels."""
import numpy as np
import torch


def iou_matrix(a, b):
    """IoU of every box of a [N,4] with every box of b [M,4] as numpy arrays, [N,M]."""
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    overlap = np.clip(bottom_right - top_left, 0, None).prod(2)
    union = area(a)[:, None] + area(b)[None, :] - overlap
    return overlap / np.maximum(union, 1e-9)


def area(boxes):
    """Areas of boxes [N,4]."""
    return (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])


def iou_and_giou(a, b):
    """IoU and generalised IoU of tensors that broadcast to [...,4]."""
    overlap = (torch.min(a[..., 2:], b[..., 2:]) - torch.max(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    hull = (torch.max(a[..., 2:], b[..., 2:]) - torch.min(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    union = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - overlap
    iou = overlap / union.clamp(min=1e-9)
    return iou, iou - (hull - union) / hull.clamp(min=1e-9)


def nms(boxes, scores, iou_threshold):
    """Greedy suppression whatever the class; returns indices by falling score."""
    order = np.argsort(-scores, kind="stable")
    kept = []
    while len(order):
        best, order = order[0], order[1:]
        kept.append(best)
        order = order[iou_matrix(boxes[best:best + 1], boxes[order])[0] <= iou_threshold]
    return np.array(kept, dtype=np.int64)
