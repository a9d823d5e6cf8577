#!/bin/sh
# Installs what the tests of ahead-of-time compilation link and run with: gcc, gcc for arm64, and qemu, which runs programs for arm64.
# Needs root and a network with Debian's packages; leaves everything alone where it is there already. Ends with 1 where something cannot be
# had: the tests that need it are then skipped.
set -eu

. "$(dirname "$0")/../install-packages.sh"

installed() {
    for tool in gcc aarch64-linux-gnu-gcc qemu-aarch64-static; do
        command -v "$tool" >/dev/null || return 1
    done
}

if installed; then
    exit 0
fi

install_packages 'gcc, gcc for arm64 and qemu are not all installed' \
    gcc libc6-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
installed
