"""The suite as separate processes: a scheduler and perception nodes."""

from peer import Spinner
from process import PATIENT
from rtmdl.msg import TaskStatus

TASK = "traffic_light"
COUNTS = ("published", "replaced", "expired", "refused", "cancelled", "failed")


def words(parameters, namespace):
    given = [word for p in parameters for word in ("-p", p)]
    return ["--ros-args", *given, *(("-r", f"__ns:={namespace}") if namespace else ())]


def start_scheduler(programs, *parameters, namespace=""):
    return programs.start("scheduler", *words((f"tasks:=[{TASK}]", *parameters), namespace))


def start_node(programs, *parameters, namespace=""):
    return programs.start(TASK, *words((PATIENT, *parameters), namespace))


class Accountant(Spinner):
    """Listens to what a node says of its frames."""

    def __init__(self, namespace=""):
        super().__init__("accountant", namespace)
        self.statuses = []
        self.node.create_subscription(TaskStatus, f"{TASK}/status", self.statuses.append, 1)

    def settled(self):
        """The counts of a status that is published from now on and has nothing pending; they add up."""
        seen = len(self.statuses) + 1  # one may wait in the subscription

        def fresh():
            return next((s for s in self.statuses[seen:] if s.pending == 0), None)

        status = self.wait(fresh, what="a node's status with nothing pending")
        for s in self.statuses:
            assert s.received == s.pending + sum(getattr(s, name) for name in COUNTS)
        return {name: getattr(status, name) for name in ("received", *COUNTS, "missed")}
