"""Networks for tests, made with ONNX's own library, and folders of models with them."""

import hashlib
import shutil

import onnx
import onnx.parser
import yaml
from process import ROOT

# A network of the traffic lights' shapes that finds nothing in any picture, and hangs in bright ones: while the mean of the
# picture is over 0.9 it counts to 2^63.
HANGS = """
<ir_version: 8, opset_import: ["" : 13]>
hangs (float[1, 3, 240, 320] image) => (float[1, 1200, 4] boxes, float[1, 1200, 3] scores)
<int64 endless = {9223372036854775807}, float[1] limit = {0.9}, float[1] none = {0}, int64[3] of_boxes = {1, 1200, 4}, int64[3] of_scores = {1, 1200, 3}>
{
    mean = ReduceMean <keepdims = 0> (image)
    bright = Greater (mean, limit)
    one = Squeeze (bright)
    counted = Loop (endless, one, mean) <body = step (int64 i, bool on, float before) => (bool goes_on, float after) {
        goes_on = Identity (on)
        after = Identity (before)
    }>
    nothing = Mul (counted, none)
    boxes = Expand (nothing, of_boxes)
    scores = Expand (nothing, of_scores)
}
"""


def set_metadata(model, **values):
    """Changes entries of a network's metadata."""
    for entry in model.metadata_props:
        entry.value = values.get(entry.key, entry.value)


def models_folder(folder, text=None, task="traffic_light", variant="w100"):
    """A copy of the networks in which one level is a network of its own, given as ONNX's text; returns the folder."""
    shutil.copytree(ROOT / "models", folder, ignore=shutil.ignore_patterns("train"))
    if text:
        manifest = yaml.safe_load((folder / "manifest.yaml").read_text())
        (level,) = (level for t in manifest["tasks"] if t["name"] == task for level in t["levels"] if level["name"] == variant)
        file = folder / level["file"]
        model = onnx.parser.parse_model(text)
        model.metadata_props.extend(onnx.load(file, load_external_data=False).metadata_props)
        onnx.checker.check_model(model, full_check=True)
        data = model.SerializeToString()
        file.write_bytes(data)
        level |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
        (folder / "manifest.yaml").write_text(yaml.safe_dump(manifest, sort_keys=False))
    return folder
