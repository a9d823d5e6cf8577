#!/bin/sh
# Installs Debian's own PyTorch, NumPy and Pillow for the tests that compare our .pth files and trainings with PyTorch's. Needs root and a
# network with Debian's packages; leaves everything alone where /usr/bin/python3 can import them already. Ends with 1 where they cannot be
# had: the tests are then skipped.
set -eu

if /usr/bin/python3 -c 'import torch, numpy, PIL' 2>/dev/null; then
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'PyTorch, NumPy and Pillow are not all installed: that takes root and apt-get.' >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || true
apt-get install -y -qq --no-install-recommends python3-torch python3-numpy python3-pil >/dev/null
/usr/bin/python3 -c 'import torch, numpy, PIL; print("PyTorch", torch.__version__)'
