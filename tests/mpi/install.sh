#!/bin/sh
# Installs what the tests of several ranks need: Debian's Open MPI, and iproute2 for two hosts in network namespaces. Needs root and a
# network with Debian's packages; leaves everything alone where it is there already. Ends with 1 where something cannot be had: the tests
# that need it are then skipped.
set -eu

. "$(dirname "$0")/../install-packages.sh"

installed() {
    command -v mpirun >/dev/null && command -v ip >/dev/null
}

if installed; then
    exit 0
fi

install_packages 'Open MPI and iproute2 are not both installed' openmpi-bin libopenmpi3 iproute2
installed
