"""Writes golden/*.hex: messages encoded by the Python package rosbags, for TestGolden to compare with.

Run by hand from this folder, with a Python that has rosbags:  python3 gen_golden.py
The values here and in golden_test.go are the same; change both.
"""
import pathlib

import numpy as np
from rosbags.typesys import Stores, get_types_from_msg, get_typestore

here = pathlib.Path(__file__).parent
defs = here / '../../../bag/defs'
store = get_typestore(Stores.ROS2_JAZZY)
for folder in ('vision_msgs', 'rtmdl'):
    types = {}
    for file in sorted((defs / folder).glob('*.msg')):
        types.update(get_types_from_msg(file.read_text(), f'{folder}/msg/{file.stem}'))
    store.register(types)


def make(name, /, **fields):
    return store.types[name](**fields)


def header(sec, nanosec, frame):
    stamp = make('builtin_interfaces/msg/Time', sec=sec, nanosec=nanosec)
    return make('std_msgs/msg/Header', stamp=stamp, frame_id=frame)


def hypothesis(class_id, score, numbers):
    """numbers: position x y z, orientation x y z w, then the 36 of the covariance from a start."""
    x, y, z, qx, qy, qz, qw, start = numbers
    pose = make(
        'geometry_msgs/msg/Pose',
        position=make('geometry_msgs/msg/Point', x=x, y=y, z=z),
        orientation=make('geometry_msgs/msg/Quaternion', x=qx, y=qy, z=qz, w=qw),
    )
    return make(
        'vision_msgs/msg/ObjectHypothesisWithPose',
        hypothesis=make('vision_msgs/msg/ObjectHypothesis', class_id=class_id, score=score),
        pose=make(
            'geometry_msgs/msg/PoseWithCovariance',
            pose=pose,
            covariance=np.arange(36, dtype=np.float64) + start,
        ),
    )


def detection(head, results, box, ident):
    x, y, theta, width, height = box
    center = make('vision_msgs/msg/Pose2D', position=make('vision_msgs/msg/Point2D', x=x, y=y), theta=theta)
    return make(
        'vision_msgs/msg/Detection2D',
        header=head,
        results=results,
        bbox=make('vision_msgs/msg/BoundingBox2D', center=center, size_x=width, size_y=height),
        id=ident,
    )


def parameter(name, kind, **value):
    empty = {'bool_value': False, 'integer_value': 0, 'double_value': 0.0, 'string_value': '', 'byte_array_value': np.array([], np.uint8),
             'bool_array_value': np.array([], np.bool_), 'integer_array_value': np.array([], np.int64),
             'double_array_value': np.array([]), 'string_array_value': []}
    return make('rcl_interfaces/msg/Parameter', name=name,
                value=make('rcl_interfaces/msg/ParameterValue', type=kind, **{**empty, **value}))


def diagnostic(level, name, message, hardware, *values):
    return make('diagnostic_msgs/msg/DiagnosticStatus', level=level, name=name, message=message, hardware_id=hardware,
                values=[make('diagnostic_msgs/msg/KeyValue', key=k, value=v) for k, v in values])


def detections(head, items):
    return make('vision_msgs/msg/Detection2DArray', header=head, detections=items)


def image(head, height, width, encoding, big, step, data):
    return make('sensor_msgs/msg/Image', header=head, height=height, width=width, encoding=encoding,
                is_bigendian=big, step=step, data=np.frombuffer(data, dtype=np.uint8))


def task(name, variant, start):
    return make('rtmdl/msg/TaskStatus', name=name, variant=variant, priority=-start, deadline_ms=33.3,
                rate_hz=29.97, pending=start, received=start + 1, published=start + 2, replaced=start + 3,
                expired=start + 4, refused=start + 5, cancelled=start + 6, failed=start + 7, missed=2**64 - 1,
                p50_ms=0.5, p99_ms=0.99, pre_ms=1.25, infer_ms=8.5, post_ms=-0.0, accuracy=0.875, loss=0.0625,
                predicted_miss_rate=0.1)


def status(head, policy, device, tasks):
    return make('rtmdl/msg/SchedulerStatus', header=head, late_policy=policy, device=device, cpu_workers=1,
                accelerator_slots=2, cpu_utilisation=0.25, accelerator_utilisation=1 / 3, tasks=tasks,
                plan='optimal', plan_number=7, load=1.5, rung=2, predicted_miss_rate=0.01, predicted_loss=0.02,
                loss_bound=0.015)


def marker(head, ns, ident, kind, action, pose, width, color, lifetime, locked, points, colors, resource, texture, uv, text,
           mesh, mesh_file, embedded):
    def octets(data):
        return np.frombuffer(data, dtype=np.uint8)

    def point(p):
        return make('geometry_msgs/msg/Point', x=p[0], y=p[1], z=p[2])

    def rgba(c):
        return make('std_msgs/msg/ColorRGBA', r=c[0], g=c[1], b=c[2], a=c[3])

    x, y, z, qx, qy, qz, qw = pose
    return make(
        'visualization_msgs/msg/Marker', header=head, ns=ns, id=ident, type=kind, action=action,
        pose=make('geometry_msgs/msg/Pose', position=point((x, y, z)),
                  orientation=make('geometry_msgs/msg/Quaternion', x=qx, y=qy, z=qz, w=qw)),
        scale=make('geometry_msgs/msg/Vector3', x=width, y=0, z=0), color=rgba(color),
        lifetime=make('builtin_interfaces/msg/Duration', sec=lifetime[0], nanosec=lifetime[1]), frame_locked=locked,
        points=[point(p) for p in points], colors=[rgba(c) for c in colors], texture_resource=resource,
        texture=make('sensor_msgs/msg/CompressedImage', header=texture[0], format=texture[1], data=octets(texture[2])),
        uv_coordinates=[make('visualization_msgs/msg/UVCoordinate', u=u, v=v) for u, v in uv], text=text, mesh_resource=mesh,
        mesh_file=make('visualization_msgs/msg/MeshFile', filename=mesh_file[0], data=octets(mesh_file[1])),
        mesh_use_embedded_materials=embedded)


INSTANTS = ('received_ns', 'submitted_ns', 'deadline_ns', 'pre_started_ns', 'pre_ended_ns', 'infer_started_ns',
            'infer_ended_ns', 'post_started_ns', 'post_ended_ns', 'published_ns', 'blocked_ns')


def timing(head, texts, job, outcome, reason, missed, start, units=(0, 0, 0)):
    name, variant, device, packed = texts
    instants = {field: start + i for i, field in enumerate(INSTANTS)}
    return make('rtmdl/msg/JobTiming', header=head, task=name, variant=variant, device=device, packed_with=packed,
                job=job, outcome=outcome, reason=reason, missed=missed, pre_worker=units[0], slot=units[1],
                post_worker=units[2], **instants)


def line(confidence, *points):
    points = [make('rtmdl/msg/LanePoint', x=x, y=y) for x, y in points]
    return make('rtmdl/msg/LaneLine', confidence=confidence, points=points)


def lanes(head, size, left, right, offset):
    valid, width, offset_px, share = offset
    return make('rtmdl/msg/LaneLines', header=head, image_width=size[0], image_height=size[1], left=left, right=right,
                offset_valid=valid, width_px=width, offset_px=offset_px, offset_share=share)


def camera_info(head, size, model, d, matrices, binning, roi):
    k, r, p = (np.array(m, dtype=np.float64) for m in matrices)
    x, y, height, width, rectify = roi
    region = make('sensor_msgs/msg/RegionOfInterest', x_offset=x, y_offset=y, height=height, width=width,
                  do_rectify=rectify)
    return make('sensor_msgs/msg/CameraInfo', header=head, height=size[0], width=size[1], distortion_model=model,
                d=np.array(d, dtype=np.float64), k=k, r=r, p=p, binning_x=binning[0], binning_y=binning[1], roi=region)


def pose(head, position, orientation):
    x, y, z = position
    qx, qy, qz, qw = orientation
    return make('geometry_msgs/msg/PoseStamped', header=head, pose=make(
        'geometry_msgs/msg/Pose', position=make('geometry_msgs/msg/Point', x=x, y=y, z=z),
        orientation=make('geometry_msgs/msg/Quaternion', x=qx, y=qy, z=qz, w=qw)))


def path(head, *poses):
    return make('nav_msgs/msg/Path', header=head, poses=list(poses))


def hypotheses(tail):
    return [hypothesis('red' + tail, 0.875, (1, 2, 3, 0, 0, 0, 1, 100)),
            hypothesis('yellow', 1e-300, (-1, 0.5, 0, 0.1, 0.2, 0.3, 0.4, -7))]


def request(kind, client, scheduler, sequence, **fields):
    plain = {'task': '', 'image_topic': '', 'image_transport': '', 'deadline_ns': 0, 'sent_ns': 0, 'received_ns': 0,
             'published_ns': 0, 'reason': '', 'header': header(0, 0, '')}
    return make('rtmdl/msg/Job', kind=kind, client=client, scheduler=scheduler, sequence=sequence, **plain | fields)


def serialized(kind, data):
    return make('rtmdl/msg/SerializedMessage', type=kind, data=np.frombuffer(data, dtype=np.uint8))


def result(numbers, outcome, reason, messages):
    client, scheduler, sequence = numbers
    return make('rtmdl/msg/JobResult', client=client, scheduler=scheduler, sequence=sequence, outcome=outcome,
                reason=reason, messages=messages)


cases = {
    'image_bgr8': image(header(1700000000, 123456789, 'camera'), 2, 3, 'bgr8', 0, 10, bytes(range(20))),
    'image_mono8_odd': image(header(-5, 999999999, ''), 1, 1, 'mono8', 1, 1, b'\xff'),
    'image_empty': image(header(0, 0, ''), 0, 0, '', 0, 0, b''),
    'compressed': make('sensor_msgs/msg/CompressedImage', header=header(1, 2, 'front/left'),
                       format='bgr8; jpeg compressed bgr8', data=np.frombuffer(b'\xff\xd8\xff', dtype=np.uint8)),
    'string': make('std_msgs/msg/String', data='green'),
    'string_empty': make('std_msgs/msg/String', data=''),
    'string_utf8': make('std_msgs/msg/String', data='für 灯'),
    'detections_none': detections(header(7, 8, 'camera'), []),
    'detections_two': detections(header(7, 8, 'cam'), [
        detection(header(7, 8, 'cam'), hypotheses(''), (320.5, 240.25, 0.125, 64, 128), 'track 1'),
        detection(header(7, 9, ''), [], (-1, 0, 3, 4, 5), ''),
    ]),
    'detections_lengths': detections(header(7, 8, 'c'), [
        detection(header(1, 2, 'c' * n), hypotheses('d' * n), (n, 0, 0, 1, 1), 'i' * n) for n in range(9)
    ]),
    'markers_none': make('visualization_msgs/msg/MarkerArray', markers=[]),
    'markers_two': make('visualization_msgs/msg/MarkerArray', markers=[
        marker(header(7, 8, 'base_link'), 'lane', -3, 4, 0, (1, 2, 3, 0, 0, 0, 1), 0.02, (0.25, 0.5, 0.75, 1), (1, 500_000_000),
               True, [(1, -1, 0), (2, -1.5, 0.25)], [(1, 0, 0, 1), (0, 1, 0, 0.5)], 't', (header(1, 2, 'tex'), 'png', b'\1\2\3'),
               [(0.5, 0.25)], 'left', 'package://x', ('m.stl', b'\x09'), True),
        marker(header(0, 0, ''), '', 0, 0, 3, (0,) * 7, 0, (0,) * 4, (0, 0), False, [], [], '', (header(0, 0, ''), '', b''), [],
               '', '', ('', b''), False),
    ]),
    'job_timing': timing(header(1700000000, 5, 'camera'), ('traffic_light', 'w100', 'cpu', 'sign'), 2**63 + 1,
                         0, '', False, 123456789012345678, (1, 2, 2**31)),
    'job_timing_refused': timing(header(0, 1, 'c'), ('lane', '', '', ''), 1, 3, 'no_frame', True, -5),
    'request_hello': request(0, 2**63, 0, 0, task='lane', image_topic='/car/camera/image_raw', image_transport='raw',
                             deadline_ns=33_300_000),
    'request_submit': request(1, 2, 3, 4, task='sign', image_topic='/a/compressed', image_transport='compressed',
                              deadline_ns=-1, header=header(-5, 999999999, 'cam'),
                              sent_ns=1700000000123456789, received_ns=123456789012345678),
    'request_dropped': request(3, 2, 3, 2**64 - 1, published_ns=-7, reason='für 灯'),
    'result_published': result((2, 3, 4), 0, '', [serialized('std_msgs/msg/String', b'\0\1\0\0\4\0\0\0red\0'),
                                                  serialized('odd', b'\7'), serialized('', b'')]),
    'result_refused': result((1, 2**63, 0), 3, 'queue_full', []),
    'serialized': serialized('rtmdl/msg/LaneLines', bytes(range(5))),
    'task_status': task('lane', 'w50', 3),
    'status': status(header(3, 4, ''), 'skip', 'cpu', [task('traffic_light', 'w100', 0), task('sign', 'w25', 7)]),
    'status_idle': status(header(3, 4, ''), 'run', 'cuda:0', []),
    'lanes_none': lanes(header(7, 8, 'camera'), (640, 480), line(0), line(0), (False, 0, 0, 0)),
    'lanes': lanes(header(1700000000, 123456789, 'cam'), (1280, 720),
                   line(0.875, (320.5, 719.5), (400.25, 500), (450, 401.125)), line(0.5, (1000, 720), (800, 400)),
                   (True, 679.5, -20.25, -20.25 / 679.5)),
    'lanes_one': lanes(header(0, 1, ''), (1, 2), line(0), line(1, (1, 2), (-3, 0)), (False, 0, 0, 0)),
    'camera_info': camera_info(header(-5, 999999999, 'camera'), (480, 640), 'plumb_bob', [0.1, -0.25, 1e-300, 0, 5],
                               ([500, 0, 320.5, 0, 501, 240.25, 0, 0, 1], range(1, 10), range(10, 22)), (2, 4),
                               (1, 2, 3, 4, True)),
    'camera_info_none': camera_info(header(1, 2, 'abc'), (0, 0), '', [], ([0] * 9, [0] * 9, [0] * 12), (0, 0),
                                    (0, 0, 0, 0, False)),
    'path_none': path(header(7, 8, 'base_link')),
    'path': path(header(7, 8, 'base_link'), pose(header(7, 8, 'base_link'), (1, 2, 3), (0, 0, 0, 1)),
                 pose(header(7, 9, ''), (-1, 0.5, 0), (0.1, 0.2, 0.3, 0.4)),
                 pose(header(7, 9, 'odd'), (1e300, 0, 0), (0, 0, 0, 0))),
    'clock': make('rosgraph_msgs/msg/Clock', clock=make('builtin_interfaces/msg/Time', sec=-7, nanosec=999999999)),
    'parameter_event': make(
        'rcl_interfaces/msg/ParameterEvent', stamp=make('builtin_interfaces/msg/Time', sec=7, nanosec=8), node='/car/lane',
        new_parameters=[parameter('flag', 1, bool_value=True), parameter('n', 2, integer_value=-7), parameter('none', 0),
                        parameter('x', 3, double_value=2.5), parameter('text', 4, string_value='für 灯')],
        changed_parameters=[parameter('b', 5, byte_array_value=np.array([1, 2, 3], dtype=np.uint8)),
                            parameter('bb', 6, bool_array_value=np.array([True, False])),
                            parameter('is', 7, integer_array_value=np.array([1, -2], dtype=np.int64)),
                            parameter('xs', 8, double_array_value=np.array([0.5, 1e300])),
                            parameter('ts', 9, string_array_value=['a', '', 'ccc'])], deleted_parameters=[]),
    'diagnostics': make('diagnostic_msgs/msg/DiagnosticArray', header=header(7, 8, ''), status=[
        diagnostic(0, 'a', 'OK', 'cpu', ('k', 'v'), ('kk', '')), diagnostic(3, 'bb', '', '')]),
    'diagnostics_none': make('diagnostic_msgs/msg/DiagnosticArray', header=header(1, 2, 'c'), status=[]),
    'transition_event': make(
        'lifecycle_msgs/msg/TransitionEvent', timestamp=2**63 + 1, transition=make('lifecycle_msgs/msg/Transition', id=3, label='activate'),
        start_state=make('lifecycle_msgs/msg/State', id=2, label='inactive'),
        goal_state=make('lifecycle_msgs/msg/State', id=3, label='active')),
}

for name, message in cases.items():
    for order, little in (('', True), ('_be', False)):
        data = bytes(store.serialize_cdr(message, message.__msgtype__, little_endian=little))
        text = '\n'.join(data[i:i + 32].hex() for i in range(0, len(data), 32))
        (here / f'golden/{name}{order}.hex').write_text(f'{text}\n')
