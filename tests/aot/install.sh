#!/bin/sh
# Installs what the tests of ahead-of-time compilation link and run with: gcc, gcc for arm64, and qemu, which runs programs for arm64.
# Needs root and a network with Debian's packages; leaves everything alone where it is there already. Ends with 1 where something cannot be
# had: the tests that need it are then skipped.
set -eu

installed() {
    for tool in gcc aarch64-linux-gnu-gcc qemu-aarch64-static; do
        command -v "$tool" >/dev/null || return 1
    done
}

if installed; then
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'gcc, gcc for arm64 and qemu are not all installed: that takes root and apt-get.' >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || true
apt-get install -y -qq --no-install-recommends gcc libc6-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static >/dev/null
installed
