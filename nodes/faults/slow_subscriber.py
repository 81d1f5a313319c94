"""Subscribes to what the suite publishes, says so, and never takes anything."""

import time

import rclpy
from rtmdl.msg import JobTiming
from sensor_msgs.msg import Image
from vision_msgs.msg import Detection2DArray

rclpy.init()
node = rclpy.create_node("slow")
for kind, topic in ((Detection2DArray, "traffic_light/detections"), (JobTiming, "scheduler/job_timing"), (Image, "traffic_light/debug_image")):
    node.create_subscription(kind, topic, print, 1000)
print("subscribed", flush=True)
time.sleep(60)
