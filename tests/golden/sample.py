"""Takes this folder's files from the folder of reference values: python3 tests/golden/sample.py REFERENCE/golden"""

import json
import pathlib
import shutil
import struct
import sys

STRIDE = 17

source = pathlib.Path(sys.argv[1])
target = pathlib.Path(__file__).parent


def copy(path):
    (target / path).parent.mkdir(exist_ok=True)
    shutil.copyfile(source / path, target / path)


def sample(path):
    """Every 17th value of an array of float32, in NumPy's format too."""
    content = (source / path).read_bytes()
    start = 10 + struct.unpack_from("<H", content, 8)[0]
    assert content[:7] == b"\x93NUMPY\x01" and b"'<f4'" in content[:start] and b"'fortran_order': False" in content[:start]
    values = [content[i:i + 4] for i in range(start, len(content), 4 * STRIDE)]
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(values)},), }}"
    header = header.ljust(128 - 10 - 1) + "\n"
    (target / path).write_bytes(content[:8] + struct.pack("<H", len(header)) + header.encode() + b"".join(values))


for name in json.loads((source / "summary.json").read_text()):
    copy(f"{name}/state_dict.json")
    sample(f"{name}/logits.npy")
copy("summary.json")
copy("loss_metrics/cases.json")
copy("training/cmunext_s_20_steps.json")
sample("training/cmunext_s_logits_train_mode.npy")
