#!/bin/sh
# Installs what the tests of DICOM hold our reader and our objects against: DCMTK, dicom3tools, pydicom, Orthanc, and dcmjs where there is
# npm. Needs root and a network with Debian's packages; leaves everything alone where it is there already. Ends with 1 where something
# cannot be had: the tests that need it are then skipped.
set -eu

here=$(dirname "$0")
. "$here/../install-packages.sh"

installed() {
    for tool in dump2dcm dcmcrle dcmcjpeg storescu dciodvfy Orthanc; do
        command -v "$tool" >/dev/null || return 1
    done
    /usr/bin/python3 -c 'import pydicom, numpy' 2>/dev/null
}

missing=0
if command -v npm >/dev/null && [ ! -d "$here/node_modules/dcmjs" ]; then
    npm install --prefix "$here" --no-package-lock --no-audit --no-fund --silent || {
        echo 'npm cannot install dcmjs.' >&2
        missing=1
    }
fi

if installed; then
    exit "$missing"
fi

install_packages 'DCMTK, dicom3tools, pydicom and Orthanc are not all installed' dcmtk dicom3tools python3-pydicom python3-numpy orthanc
installed
exit "$missing"
