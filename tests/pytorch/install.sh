#!/bin/sh
# Installs Debian's own PyTorch, NumPy and Pillow for the tests that compare our .pth files and trainings with PyTorch's. Needs root and a
# network with Debian's packages; leaves everything alone where /usr/bin/python3 can import them already. Ends with 1 where they cannot be
# had: the tests are then skipped.
set -eu

. "$(dirname "$0")/../install-packages.sh"

if /usr/bin/python3 -c 'import torch, numpy, PIL' 2>/dev/null; then
    exit 0
fi

install_packages 'PyTorch, NumPy and Pillow are not all installed' python3-torch python3-numpy python3-pil
/usr/bin/python3 -c 'import torch, numpy, PIL; print("PyTorch", torch.__version__)'
