#!/bin/sh
# Fetches a browser for the tests where none is there, and the tools let loose on the pages; says plainly when it cannot.
here=$(dirname "$0")
# The stamp is older than package.json when what is needed has changed.
stamp="$here/node_modules/.installed"
if [ ! -e "$stamp" ] || [ "$here/package.json" -nt "$stamp" ]; then
    if ! command -v npm >/dev/null 2>&1 ||
        ! npm install --prefix "$here" --no-package-lock --no-audit --no-fund --loglevel=error; then
        echo "Lighthouse, autoconsent, htmx, Turbo and Unpoly could not be installed with npm: their tests will be skipped."
    else
        touch "$stamp"
    fi
fi
for name in chromium-headless-shell chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then
        exit 0
    fi
done
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
    echo "No browser found: installing Chromium with apt."
    apt-get update -qq
    for name in chromium-headless-shell chromium; do
        apt-get install -y -qq --no-install-recommends "$name" fonts-dejavu-core && exit 0
    done
fi
echo "No browser was found, and none could be installed: the browser tests will be skipped."
echo "Install Chromium (Debian and Ubuntu: sudo apt install chromium) and run this again."
