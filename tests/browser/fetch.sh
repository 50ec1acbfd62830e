#!/bin/sh
# Fetches a browser for the tests where none is there, and says plainly when it cannot.
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "No browser found: installing Chromium with apt."
    apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core && exit 0
fi
echo "No browser was found, and none could be installed: the browser tests will be skipped."
echo "Install Chromium (Debian and Ubuntu: sudo apt install chromium) and run this again."
