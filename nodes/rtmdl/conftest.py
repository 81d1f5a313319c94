"""What the tests of bin/rtmdl share."""

import bags
import pytest
from std_msgs.msg import Header, String


@pytest.fixture(scope="session")
def bag(tmp_path_factory):
    """Two seconds of /header and /text, ten messages a second each. Not to be changed."""
    messages = []
    for i in range(20):
        header = Header(frame_id=f"frame {i} ä")
        header.stamp.sec, header.stamp.nanosec = -i, 5 * i
        messages += [("/header", i / 10, header), ("/text", i / 10 + 0.05, String(data=f"message {i}"))]
    return bags.write(tmp_path_factory.mktemp("bag") / "two_seconds.mcap", messages)
