#!/usr/bin/env python3
"""Stands in for the command ros2, which no registry has, where the documents' commands are tested.

It does with rclpy what these do: launch, node list, topic list|echo|hz, param list|get|set|describe, lifecycle get|set, service call.
"""

import contextlib
import importlib
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import launching
import rclpy
import yaml
from peer import Spinner
from services import Caller, Client


def launch(file, *arguments):
    """Starts what the launch file says, passes an interrupt on, and starts again what has died, as the file says."""
    nodes, _ = launching.load(pathlib.Path(file).resolve(), **dict(a.split(":=", 1) for a in arguments))
    with tempfile.TemporaryDirectory() as folder:
        words = [launching.command(node, pathlib.Path(folder)) for node in nodes]
        running = [subprocess.Popen(w) for w in words]
        ending = []
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: ending.append(True) or [p.send_signal(signal.SIGINT) for p in running])
        while not ending:
            time.sleep(0.1)
            for i, process in enumerate(running):
                if process.poll() is not None and not ending:
                    time.sleep(nodes[i].respawn_delay)
                    running[i] = subprocess.Popen(words[i])
        for process in running:
            process.wait()


def plain(value):
    """A message as what YAML can say."""
    if hasattr(value, "get_fields_and_field_types"):
        return {name: plain(getattr(value, name)) for name in value.get_fields_and_field_types()}
    return [plain(v) for v in value] if isinstance(value, (list, tuple)) else value


def kind(name, group):
    package, _, word = name.replace("/", ".").rpartition(".")
    return getattr(importlib.import_module(f"{package.split('.')[0]}.{group}"), word)


def topic(what, *arguments):
    name = next((a for a in arguments if a.startswith("/")), "")
    with Spinner("ros2") as me:
        def types():
            return dict(me.node.get_topic_names_and_types())

        if what == "list":
            me.serve(2)
            print("\n".join(f"{n} [{t[0]}]" if "-t" in arguments else n for n, t in sorted(types().items())))
            return
        me.wait(lambda: name in types(), 10, f"the topic {name}")
        came = []
        me.node.create_subscription(kind(types()[name][0], "msg"), name, came.append, 10)
        if what == "echo":
            me.wait(lambda: came, 10, f"a message on {name}")
            message = came[0]
            if "--field" in arguments:
                for part in arguments[arguments.index("--field") + 1].split("."):
                    message = getattr(message, part)
            print(yaml.safe_dump(plain(message), sort_keys=False), end="")
        elif what == "hz":
            me.wait(lambda: came, 10, f"a message on {name}")
            came.clear()
            me.serve(2)
            print(f"average rate: {len(came) / 2:.3f}")


def param(what, node, name="", value=""):
    with Client(node) as client:
        if what == "list":
            print("\n".join(sorted(client.call("list_parameters").result.names)))
        elif what == "get":
            print(client.get(name)[0])
        elif what == "describe":
            print(client.call("describe_parameters", names=[name]).descriptors[0])
        elif what == "set":
            reason = client.set(name, yaml.safe_load(value))
            print(f"Setting parameter failed: {reason}" if reason else "Set parameter successful")
            sys.exit(bool(reason))


def service(what, name, type_name, request="{}"):
    assert what == "call"
    with Caller() as caller:
        answer = caller.call(kind(type_name, "srv"), name, **yaml.safe_load(request))
    print(answer)
    sys.exit(not getattr(answer, "success", True))


def lifecycle(what, node, transition=""):
    with Caller() as caller:
        if what == "get":
            print(caller.state(node))
        else:
            assert what == "set"
            sys.exit(not caller.change(node, transition))


def node(what):
    assert what == "list"
    with Spinner("ros2") as me:
        me.serve(2)
        print("\n".join(sorted(f"{space.rstrip('/')}/{name}" for name, space in me.node.get_node_names_and_namespaces())))


COMMANDS = {f.__name__: f for f in (launch, topic, param, service, lifecycle, node)}

if __name__ == "__main__":
    with contextlib.ExitStack() as stack:
        if sys.argv[1] != "launch":
            rclpy.init()
            stack.callback(rclpy.shutdown)
        COMMANDS[sys.argv[1]](*sys.argv[2:])
