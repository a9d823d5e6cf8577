#!/bin/sh
# Installs Debian's own ONNX for the tests that hold our models against its checker. Needs root and a network with Debian's
# packages; leaves everything alone where /usr/bin/python3 can import onnx already. Ends with 1 where it cannot be had:
# the tests are then skipped.
set -eu

. "$(dirname "$0")/../install-packages.sh"

if /usr/bin/python3 -c 'import onnx' 2>/dev/null; then
    exit 0
fi

install_packages 'ONNX is not installed' python3-onnx
/usr/bin/python3 -c 'import onnx; print("ONNX", onnx.__version__)'
