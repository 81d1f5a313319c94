"""Clients of the suite's services, on rclpy: they do what `ros2 param`, `ros2 lifecycle` and `ros2 service call` do."""

from lifecycle_msgs.srv import ChangeState, GetState
from peer import Spinner
from rcl_interfaces.msg import Parameter, ParameterEvent
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    GetParameterTypes,
    ListParameters,
    SetParameters,
    SetParametersAtomically,
)
from rclpy.parameter import Parameter as Value
from rtmdl.srv import ListModels, LoadModel

SERVICES = {
    "get_parameters": GetParameters, "get_parameter_types": GetParameterTypes, "set_parameters": SetParameters,
    "set_parameters_atomically": SetParametersAtomically, "list_parameters": ListParameters,
    "describe_parameters": DescribeParameters,
}


class Client(Spinner):
    """What `ros2 param` does with one node."""

    def __init__(self, node):
        super().__init__("param_client")
        self.clients = {name: self.node.create_client(kind, f"{node}/{name}") for name, kind in SERVICES.items()}
        self.events = []
        self.node.create_subscription(ParameterEvent, "/parameter_events", self.events.append, 100)
        self.wait(lambda: all(c.service_is_ready() for c in self.clients.values()), what=f"the services of {node}")

    def call(self, name, **request):
        future = self.clients[name].call_async(SERVICES[name].Request(**request))
        return self.wait(lambda: future.done() and future.result(), what=name)

    def set(self, name, value):
        """Sets one parameter and returns '' or the reason why not."""
        (result,) = self.call("set_parameters", parameters=[parameter(name, value)]).results
        assert result.successful == (not result.reason)
        return result.reason

    def get(self, *names):
        return [Value.from_parameter_msg(Parameter(name=n, value=v)).value
                for n, v in zip(names, self.call("get_parameters", names=names).values, strict=True)]


def parameter(name, value):
    return Value(name, value=value).to_parameter_msg()


class Caller(Spinner):
    """Calls services."""

    def __init__(self):
        super().__init__("caller")
        self.known = {}

    def call(self, kind, service, seconds=30.0, **request):
        if service not in self.known:
            self.known[service] = self.node.create_client(kind, service)
            self.wait(self.known[service].service_is_ready, what=service)
        future = self.known[service].call_async(kind.Request(**request))
        self.wait(future.done, seconds, service)
        return future.result()

    def state(self, node):
        return self.call(GetState, f"{node}/get_state").current_state.label

    def change(self, node, label="", number=0):
        request = ChangeState.Request()
        request.transition.label, request.transition.id = label, number
        return self.call(ChangeState, f"{node}/change_state", transition=request.transition).success

    def load(self, variant, task="traffic_light", models_dir=""):
        return self.call(LoadModel, "scheduler/load_model", task=task, variant=variant, models_dir=str(models_dir))

    def in_use(self):
        answer = self.call(ListModels, "scheduler/list_models")
        assert answer.success, answer.message
        return [m.variant for m in answer.models if m.in_use]
