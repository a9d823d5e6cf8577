#!/bin/sh
# Installs Debian's own ONNX for the tests that hold our models against its checker. Needs root and a network with Debian's
# packages; leaves everything alone where /usr/bin/python3 can import onnx already. Ends with 1 where it cannot be had:
# the tests are then skipped.
set -eu

if /usr/bin/python3 -c 'import onnx' 2>/dev/null; then
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'ONNX is not installed: that takes root and apt-get.' >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || true
apt-get install -y -qq --no-install-recommends python3-onnx >/dev/null
/usr/bin/python3 -c 'import onnx; print("ONNX", onnx.__version__)'
