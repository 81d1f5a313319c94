"""What all faults need: a car, and a record that becomes a row of docs/faults.md."""

import pytest
from car import Car, Fault
from sensor_msgs.msg import CompressedImage


@pytest.fixture
def fault(record_property, request):
    record_property("fault", request.function.__doc__.splitlines()[0].rstrip("."))
    return Fault(record_property)


@pytest.fixture
def car(opened):
    """A camera for all tasks."""
    return opened(Car())


@pytest.fixture
def compressed_car(opened):
    return opened(Car(CompressedImage))
