"""Real PyTorch for the tests of the weight files.

    weights.py write FOLDER      writes NAME.pth files of many kinds, and NAME.json with the tensors that each holds
                                 (where it has to be refused: words of the reason)
    weights.py dump FILE OUTPUT  loads a .pth and writes its tensors as JSON
    weights.py strict FILE       loads a .pth into a small network, strictly

The JSON is a list of [name, type, shape, bytes in hexadecimal], in order.
"""

import collections
import ctypes
import json
import os
import sys

import torch


def describe(state):
    rows = []
    for name, tensor in state.items():
        tensor = tensor.detach().clone(memory_format=torch.contiguous_format)
        raw = ctypes.string_at(tensor.data_ptr(), tensor.numel() * tensor.element_size()) if tensor.numel() else b""
        rows.append([name, str(tensor.dtype)[len("torch."):], list(tensor.shape), raw.hex()])
    return rows


def network():
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3),
        torch.nn.BatchNorm2d(4),
        torch.nn.Conv2d(4, 4, 5, groups=4),
        torch.nn.Linear(6, 2),
    )


def every_type():
    state = collections.OrderedDict()
    for kind in ("float32", "float64", "float16", "bfloat16"):
        state[kind] = torch.randn(3, 2).to(getattr(torch, kind))
    for kind in ("int8", "uint8", "int16", "int32", "int64"):
        state[kind] = torch.randint(0, 100, (5,)).to(getattr(torch, kind))
    state["bool"] = torch.tensor([True, False, True])
    state["scalar"] = torch.tensor(7)
    state["empty"] = torch.empty(0, 3)
    state["naïve.重み"] = torch.tensor([float("nan"), -0.0, float("-inf")])
    return state


def views():
    base = torch.arange(60.0).reshape(3, 4, 5)
    wide = torch.arange(48.0).reshape(1, 3, 4, 4).contiguous(memory_format=torch.channels_last)
    return collections.OrderedDict(
        whole=base,
        same=base,
        part=base[1],
        offset=base.flatten()[7:19],
        transposed=base.transpose(0, 2),
        step=base[:, ::2, 1::3],
        channels_last=wide,
        repeated=torch.tensor([1.0, 2.0]).expand(4, 2),
        one=base[2, 3, 4],
    )


def cases():
    torch.manual_seed(3)
    model = network()
    state = model.state_dict()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    model[3](torch.ones(1, 6)).sum().backward()
    optimizer.step()
    state = model.state_dict()
    yield "types", every_type(), every_type()
    yield "views", views(), views()
    yield "module", state, state
    yield "plain", dict(state), state
    yield "parameters", collections.OrderedDict(model.named_parameters()), collections.OrderedDict(model.named_parameters())
    yield "parallel", torch.nn.DataParallel(model).state_dict(), state
    for key in ("state_dict", "model", "model_state_dict", "net"):
        checkpoint = {"epoch": 3, "optimizer": optimizer.state_dict(), "best": 0.5, key: state, "args": ["x", None, True, -7, 2**40]}
        yield "under_" + key, checkpoint, state
    yield "refused_whole_model", model, "asks for torch.nn.modules.container.Sequential"
    yield "refused_complex", {"a": torch.zeros(2, dtype=torch.complex64)}, "asks for torch.ComplexFloatStorage"
    yield "refused_sparse", {"a": torch.eye(3).to_sparse()}, "asks for torch._utils._rebuild_sparse_tensor"
    yield "refused_device", {"a": torch.zeros(2), "device": torch.device("cpu")}, "asks for torch.device"
    yield "refused_number", {"a": torch.zeros(2), "epoch": 3}, "the entry epoch"
    yield "refused_list", [torch.zeros(2)], "holds no state dict"
    yield "refused_tensor", torch.zeros(2), "holds no state dict"
    yield "refused_nothing", {}, "holds no state dict"
    yield "refused_huge_view", {"a": torch.zeros(1).expand(1 << 20)}, "8 times"


def write(folder):
    settings = {
        "zip": dict(),
        "zip4": dict(pickle_protocol=4),
        "stream": dict(_use_new_zipfile_serialization=False),
        "stream5": dict(_use_new_zipfile_serialization=False, pickle_protocol=5),
    }
    for kind, setting in settings.items():
        for name, content, state in cases():
            # every_type() draws its numbers anew: what is described has to be what is saved.
            state = content if name == "types" else state
            stem = os.path.join(folder, name + "." + kind)
            torch.save(content, stem + ".pth", **setting)
            with open(stem + ".json", "w") as file:
                json.dump(state if isinstance(state, str) else describe(state), file)
    torch.jit.save(torch.jit.script(network()), os.path.join(folder, "refused_script.pth"))
    with open(os.path.join(folder, "refused_script.json"), "w") as file:
        json.dump("TorchScript", file)


def main():
    command, path = sys.argv[1], sys.argv[2]
    if command == "write":
        write(path)
    elif command == "dump":
        state = torch.load(path)
        assert type(state) is collections.OrderedDict
        safe = torch.load(path, weights_only=True)
        assert describe(safe) == describe(state)
        with open(sys.argv[3], "w") as file:
            json.dump(describe(state), file)
    elif command == "strict":
        print(network().load_state_dict(torch.load(path), strict=True))
    else:
        sys.exit("unknown command " + command)


if __name__ == "__main__":
    main()
