"""Suites to talk to: started once a file, each in a namespace of its own, so that they don't hear each other."""

import pytest
from peer import Peer
from pictures import compressed as compressed_picture
from pictures import grey, png
from process import PATIENT, start_suite
from sensor_msgs.msg import CompressedImage, Image

SENSITIVE = "score_threshold:=0.0000001"  # there are boxes, whatever the network thinks of the picture


class Running:
    """A suite, its camera and its listener."""

    def __init__(self, programs, kind, picture, namespace, *parameters):
        transport = "compressed" if kind is CompressedImage else "raw"
        self.suite = start_suite(programs, PATIENT, f"image_transport:={transport}", *parameters,
                                 arguments=("-r", f"__ns:={namespace}"))
        self.peer = Peer(kind, namespace=namespace).connect(picture)

    def close(self):
        self.peer.close()
        assert self.suite.stop()[0] == 0


@pytest.fixture(scope="module")
def raw(shared_programs):
    running = Running(shared_programs, Image, grey(), "/raw", SENSITIVE)
    yield running
    running.close()


@pytest.fixture(scope="module")
def compressed(shared_programs):
    running = Running(shared_programs, CompressedImage, compressed_picture(png(64, 48)), "/compressed", SENSITIVE)
    yield running
    running.close()
