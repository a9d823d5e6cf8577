#!/bin/sh
# Installs what the tests of several ranks need: Debian's Open MPI, and iproute2 for two hosts in network namespaces. Needs root and a
# network with Debian's packages; leaves everything alone where it is there already. Ends with 1 where something cannot be had: the tests
# that need it are then skipped.
set -eu

installed() {
    command -v mpirun >/dev/null && command -v ip >/dev/null
}

if installed; then
    exit 0
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'Open MPI and iproute2 are not both installed: that takes root and apt-get.' >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || true
apt-get install -y -qq --no-install-recommends openmpi-bin libopenmpi3 iproute2 >/dev/null
installed
