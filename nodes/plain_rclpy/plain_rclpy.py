#!/usr/bin/env python3
"""A perception task as a plain ROS node on rclpy, OpenCV and ONNX Runtime: everything happens in the callback.

    internal/setup/python.sh nodes/plain_rclpy/plain_rclpy.py --task sign --threads 1 --spinning off

It reads the newest picture of camera/image_raw/compressed and publishes what the suite's node of the task does. `make
live-bench` compares the suite with three of these.
"""

import argparse
import pathlib
import sys

import cv2
import numpy as np
import onnxruntime
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from rclpy.utilities import remove_ros_args
from rtmdl.msg import LaneLine, LaneLines, LanePoint
from sensor_msgs.msg import CompressedImage
from vision_msgs.msg import Detection2D, Detection2DArray, ObjectHypothesisWithPose

MODELS = pathlib.Path(__file__).resolve().parents[2] / "models"
NEWEST = QoSProfile(depth=1, reliability=qos_profile_sensor_data.reliability)  # older pictures are of no use


class Network:
    """An ONNX file with its thresholds, and the way of a picture into it."""

    def __init__(self, path, threads, spinning):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spinning else "0")
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.height, self.width = self.session.get_inputs()[0].shape[2:]
        self.metadata = self.session.get_modelmeta().custom_metadata_map
        self.run(np.zeros((self.height, self.width, 3), np.uint8))  # the first run is the slowest

    def run(self, picture):
        """Returns the outputs for a picture, BGR."""
        shrinks = picture.shape[1] >= self.width and picture.shape[0] >= self.height
        picture = cv2.resize(picture, (self.width, self.height), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        rgb = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        tensor = np.ascontiguousarray(rgb.transpose(2, 0, 1), np.float32)[None] / np.float32(255)
        return self.session.run(None, {"image": tensor})

    def scale(self, picture):
        """What a pixel of the network's input is in the picture."""
        return picture.shape[1] / self.width, picture.shape[0] / self.height


class Detections:
    """Traffic lights or signs: a box for each object."""

    message, topic = Detection2DArray, "detections"

    def __init__(self, network):
        self.network = network
        self.labels = network.metadata["labels"].split(",")
        self.least_score = float(network.metadata["score_threshold"])
        self.overlap = float(network.metadata["iou_threshold"])
        self.temperature = float(network.metadata["temperature"])

    def find(self, picture):
        """Returns (label, score, x, y, width, height) of each object, in pixels of the picture."""
        boxes, scores = (output[0] for output in self.network.run(picture))
        scale, limit = np.tile(self.network.scale(picture), 2), np.tile(picture.shape[1::-1], 2)
        labels, scores = scores.argmax(1), scores.max(1)
        candidates = scores >= self.least_score
        corners = np.clip(boxes[candidates] * scale, 0, limit)
        labels, scores = labels[candidates], scores[candidates]
        rectangles = np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
        large = (rectangles[:, 2:] >= 1).all(1)
        labels, scores, rectangles = labels[large], scores[large], rectangles[large]
        kept = cv2.dnn.NMSBoxes(rectangles.tolist(), scores.tolist(), self.least_score, self.overlap)
        calibrated = 1 / (1 + ((1 - scores) / scores) ** (1 / self.temperature))
        return [(self.labels[labels[i]], float(calibrated[i]), *rectangles[i].tolist()) for i in kept]

    def answer(self, picture, header):
        """Returns the message for a picture."""
        message = Detection2DArray(header=header)
        for label, score, x, y, width, height in self.find(picture):
            found = Detection2D(header=header, results=[ObjectHypothesisWithPose()])
            found.results[0].hypothesis.class_id, found.results[0].hypothesis.score = label, score
            found.bbox.center.position.x, found.bbox.center.position.y = x + width / 2, y + height / 2
            found.bbox.size_x, found.bbox.size_y = width, height
            message.detections.append(found)
        return message


class Lines:
    """The borders of the lane: of the marked pixels that hang together, the nearest on either side."""

    message, topic = LaneLines, "lines"

    def __init__(self, network):
        self.network = network
        self.least = float(network.metadata["marking_threshold"])

    def follow(self, component, probability):
        """Returns (x at the lower edge, rows from below, x of each row, confidence) of a line, or None: it is too short."""
        rows, columns = np.nonzero(component)
        height, below = len(component), rows.max()
        if below - rows.min() < height / 6 or below < height / 2:
            return None
        weights = probability[rows, columns]
        sums = np.bincount(rows, weights)
        ys = np.nonzero(sums)[0][::-1]
        xs = np.bincount(rows, weights * columns)[ys] / sums[ys]
        foot = ys >= below - height / 8
        slope, at = np.polyfit(ys[foot], xs[foot], 1)
        return at + slope * (height - 0.5) + 0.5, ys, xs, weights.mean()

    def find(self, picture):
        """Returns the nearest line on the left and on the right, each None or as follow() has it."""
        probability = self.network.run(picture)[0][0, 0]
        count, components = cv2.connectedComponents((probability >= self.least).astype(np.uint8))
        lines = [line for i in range(1, count) if (line := self.follow(components == i, probability))]
        middle = self.network.width / 2
        return (max((line for line in lines if line[0] < middle), key=lambda line: line[0], default=None),
                min((line for line in lines if line[0] >= middle), key=lambda line: line[0], default=None))

    def line(self, found, scale):
        """Returns the message for a line."""
        _, ys, xs, confidence = found
        bend = np.polyfit(ys, xs, 2)
        shown = np.append(ys[:-1:max(1, self.network.height // 32)], ys[-1])
        points = (np.stack([np.polyval(bend, shown), shown], 1) + 0.5) * scale
        return LaneLine(confidence=min(float(confidence), 1.0), points=[LanePoint(x=x, y=y) for x, y in points.tolist()])

    def answer(self, picture, header):
        """Returns the message for a picture."""
        height, width = picture.shape[:2]
        message = LaneLines(header=header, image_width=width, image_height=height)
        scale = self.network.scale(picture)
        left, right = self.find(picture)
        if left:
            message.left = self.line(left, scale)
        if right:
            message.right = self.line(right, scale)
        near = self.network.height * 3 / 4
        if left and right and left[1][0] >= near and right[1][0] >= near:
            feet = left[0] * scale[0], right[0] * scale[0]
            message.offset_valid = True
            message.width_px, message.offset_px = feet[1] - feet[0], width / 2 - sum(feet) / 2
            message.offset_share = message.offset_px / message.width_px
        return message


TASKS = {"traffic_light": Detections, "sign": Detections, "lane": Lines}


def serve(node, task, vision):
    """Answers every picture that comes."""
    publisher = node.create_publisher(vision.message, f"{task}/{vision.topic}", 10)

    def look(message):
        picture = cv2.imdecode(np.frombuffer(message.data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
        if picture is None:
            node.get_logger().warning("a picture can't be decoded", throttle_duration_sec=1)
        else:
            publisher.publish(vision.answer(picture, message.header))

    node.create_subscription(CompressedImage, "camera/image_raw/compressed", look, NEWEST)
    node.get_logger().info("ready")
    rclpy.spin(node)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--task", choices=TASKS, required=True, help="what is looked for")
    parser.add_argument("--model", help="the network (default: models/<task>/w100.onnx)")
    parser.add_argument("--threads", type=int, default=0, help="ONNX Runtime's intra-op threads; 0: its own choice")
    parser.add_argument("--spinning", choices=("on", "off"), default="on", help="waiting threads spin")
    args = parser.parse_args(remove_ros_args(sys.argv)[1:])
    network = Network(args.model or str(MODELS / args.task / "w100.onnx"), args.threads, args.spinning == "on")
    rclpy.init()
    try:
        serve(rclpy.create_node(f"plain_{args.task}"), args.task, TASKS[args.task](network))
    except (KeyboardInterrupt, ExternalShutdownException):
        pass
    finally:
        rclpy.try_shutdown()


if __name__ == "__main__":
    main()
