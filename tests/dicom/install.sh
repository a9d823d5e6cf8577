#!/bin/sh
# Installs what the tests of DICOM hold our reader and our objects against: DCMTK, dicom3tools, pydicom, Orthanc, and dcmjs where there is
# npm. Needs root and a network with Debian's packages; leaves everything alone where it is there already. Ends with 1 where something
# cannot be had: the tests that need it are then skipped.
set -eu

installed() {
    for tool in dump2dcm dcmcrle dcmcjpeg storescu dciodvfy Orthanc; do
        command -v "$tool" >/dev/null || return 1
    done
    /usr/bin/python3 -c 'import pydicom, numpy' 2>/dev/null
}

missing=0
if command -v npm >/dev/null && [ ! -d "$(dirname "$0")/node_modules/dcmjs" ]; then
    npm install --prefix "$(dirname "$0")" --no-package-lock --no-audit --no-fund --silent || {
        echo 'npm cannot install dcmjs.' >&2
        missing=1
    }
fi

if installed; then
    exit "$missing"
fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo 'DCMTK, dicom3tools, pydicom and Orthanc are not all installed: that takes root and apt-get.' >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq || true
apt-get install -y -qq --no-install-recommends dcmtk dicom3tools python3-pydicom python3-numpy orthanc >/dev/null
installed
exit "$missing"
