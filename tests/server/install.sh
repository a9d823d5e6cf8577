#!/bin/sh
# Installs what the tests of the page need: Debian's Chromium, and from npm Playwright to drive it and axe for accessibility. Needs root,
# npm and a network; leaves alone what is there already. Ends with 1 where something cannot be had: the tests are then skipped.
set -eu

here=$(dirname "$0")
if ! command -v chromium >/dev/null; then
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
        echo 'Chromium is not installed: that takes root and apt-get.' >&2
        exit 1
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq || true
    apt-get install -y -qq --no-install-recommends chromium >/dev/null
fi

if [ ! -d "$here/node_modules/playwright-core" ] || [ ! -d "$here/node_modules/axe-core" ]; then
    npm install --prefix "$here" --no-package-lock --no-audit --no-fund --silent
fi
