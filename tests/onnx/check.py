"""Holds models against ONNX's own checker. Usage: check.py MODEL...

Prints one line a model: "ok", or "newer" where its operator set is newer than this ONNX knows. Ends with 1 and the
checker's own words at the first model that is not valid.
"""

import sys

import onnx
import onnx.shape_inference


def dimensions(value):
    return [d.dim_param or d.dim_value for d in value.type.tensor_type.shape.dim]


for path in sys.argv[1:]:
    model = onnx.load(path)
    if model.opset_import[0].version > onnx.defs.onnx_opset_version():
        print("newer")
        continue
    onnx.checker.check_model(model, full_check=True)
    declared = [(output.name, dimensions(output)) for output in model.graph.output]

    # Every type and shape between the nodes follows, and leads to the outputs that are declared.
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    for (name, expected), output in zip(declared, inferred.graph.output):
        found = dimensions(output)
        assert len(found) == len(expected), (name, expected, found)
        for e, f in zip(expected, found):
            # What follows from a free size has no name.
            assert e == f or isinstance(e, str) and (f == 0 or isinstance(f, str)), (name, expected, found)
    print("ok")
