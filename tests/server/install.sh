#!/bin/sh
# Installs what the tests of the page need: Debian's Chromium, and from npm Playwright to drive it and axe for accessibility. Needs root,
# npm and a network; leaves alone what is there already. Ends with 1 where something cannot be had: the tests are then skipped.
set -eu

here=$(dirname "$0")
. "$here/../install-packages.sh"
if ! command -v chromium >/dev/null; then
    install_packages 'Chromium is not installed' chromium
fi

if [ ! -d "$here/node_modules/playwright-core" ] || [ ! -d "$here/node_modules/axe-core" ]; then
    npm install --prefix "$here" --no-package-lock --no-audit --no-fund --silent
fi
