"""200 topics with a publisher and a subscription each, 2 messages a second on each."""

import time

import rclpy
from std_msgs.msg import String

rclpy.init()
nodes = [rclpy.create_node(f"beside{i}") for i in range(2)]
publishers = [nodes[0].create_publisher(String, f"beside/topic{i}", 10) for i in range(200)]
for i in range(200):
    nodes[1].create_subscription(String, f"beside/topic{i}", lambda _: None, 10)
print("there", flush=True)
end = time.monotonic() + 60
while time.monotonic() < end:
    for p in publishers:
        p.publish(String(data="x" * 100))
        rclpy.spin_once(nodes[1], timeout_sec=0)
        time.sleep(0.0025)
