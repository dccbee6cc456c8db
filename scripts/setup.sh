#!/bin/sh
# Sets up one stage for the Makefile: sh scripts/setup.sh venv|demo|dev|chromium
#
# A finished stage leaves a stamp in .venv, by which make knows that there is nothing to do.
# PYTHON, when set, names the Python to use. Output is shown only of what fails.
set -eu
cd "$(dirname "$0")/.."

log=$(mktemp)
venv_half_made=
tidy_up() {
    rm -f "$log"
    if [ -n "$venv_half_made" ]; then rm -rf .venv; fi
}
trap tidy_up EXIT
trap 'exit 130' INT TERM

say() { printf '%s\n' "$*"; }

fail() {
    printf 'Error: %s\n' "$*" >&2
    exit 1
}

logged() { "$@" >"$log" 2>&1 </dev/null; }
show_log() { tail -n 40 "$log" >&2; }

# May this user install Debian's packages without being asked for a password?
may_apt() {
    command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_install() {
    say "Installing Debian's $* ..."
    as_root apt-get -q update >/dev/null 2>&1 </dev/null || true # a list that failed may not be ours
    logged as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qy -o DPkg::Lock::Timeout=120 install --no-install-recommends "$@"
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

choose_python() {
    if [ -n "${PYTHON:-}" ]; then
        is_new_enough "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11 or newer."
        return
    fi
    for PYTHON in python3 python3.13 python3.12 python3.11; do
        if is_new_enough "$PYTHON"; then return; fi
    done
    fail "Python 3.11 or newer is needed, and none is on the PATH. Install one, or name it:" \
        "make PYTHON=/path/to/python3 ..."
}

new_venv() {
    rm -rf .venv
    logged "$PYTHON" -m venv .venv
}

make_venv() {
    if [ ! -e .venv/.unfinished ] && .venv/bin/python -m pip --version >/dev/null 2>&1; then return; fi
    choose_python
    say "Making .venv with $("$PYTHON" --version) ..."
    venv_half_made=yes
    if ! new_venv; then
        if "$PYTHON" -c 'import ensurepip' 2>/dev/null; then
            show_log
            fail "$PYTHON -m venv .venv failed, as said above."
        fi
        # Debian keeps ensurepip, which venv needs, in a package of its own.
        package=$("$PYTHON" -c 'import sys; print("python{}.{}-venv".format(*sys.version_info))')
        if ! { may_apt && apt_install "$package" && new_venv; }; then
            if may_apt; then show_log; fi
            fail "$PYTHON cannot make a virtual environment: it lacks ensurepip." \
                "On Debian or Ubuntu type: sudo apt-get install $package"
        fi
    fi
    venv_half_made=
}

install_extra() {
    make_venv
    say "Installing cartoonx_widgets[$1] and what it needs into .venv (once, a few minutes) ..."
    unset PIP_TARGET PIP_PREFIX PIP_ROOT # the user's settings for a mirror stay; these would lead elsewhere
    export PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1
    touch .venv/.unfinished # killed in the middle, .venv is made anew the next time
    if ! logged .venv/bin/python -m pip install -q -c constraints.txt -e ".[$1]"; then
        # An update that pip gave up leaves the old installation usable.
        if [ -e .venv/.demo-stamp ]; then rm .venv/.unfinished; fi
        show_log
        fail "pip could not install everything, as said above. \`make clean\` starts over."
    fi
    rm .venv/.unfinished
    touch .venv/.demo-stamp # dev includes demo
    touch ".venv/.$1-stamp"
}

# Does Playwright get this Chromium (its own, when none is named) to start?
starts() {
    logged .venv/bin/python -c '
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    playwright.chromium.launch(executable_path=sys.argv[1] if sys.argv[1:] else None).close()' "$@"
}

one_on_path_starts() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        if path=$(command -v "$name") && starts "$path"; then return; fi
    done
    return 1
}

playwrights_own_starts() {
    say "Downloading Playwright's Chromium for the browser tests (once) ..."
    limit=
    if command -v timeout >/dev/null; then limit="timeout 300"; fi
    # shellcheck disable=SC2086 # $limit is two words, or none
    logged $limit .venv/bin/python -m playwright install chromium || return 1
    if starts; then return; fi
    may_apt || return 1
    say "Installing the libraries which that needs ..."
    logged as_root .venv/bin/python -m playwright install-deps chromium && starts
}

debians_starts() {
    may_apt && apt_install chromium && one_on_path_starts
}

get_chromium() {
    # Playwright's driver needs a library that a small Debian lacks.
    if ! logged .venv/bin/python -m playwright --version && may_apt; then apt_install libatomic1 || true; fi
    if ! { one_on_path_starts || playwrights_own_starts || debians_starts; }; then
        show_log
        fail "no Chromium starts for the browser tests. On Debian type: sudo apt-get install chromium libatomic1." \
            "Or do without: .venv/bin/python -m pytest -m 'not browser'"
    fi
    get_other_browsers
    touch .venv/.chromium-stamp
}

# The tests that need Firefox or WebKit are skipped where these are not, with the reason.
get_other_browsers() {
    if command -v WebKitWebDriver >/dev/null && command -v Xvfb >/dev/null &&
        { command -v firefox-esr >/dev/null || command -v firefox >/dev/null; }; then return; fi
    if ! { may_apt && apt_install firefox-esr webkit2gtk-driver xvfb; }; then
        say "Without Firefox and WebKit, their tests are skipped (Debian: firefox-esr webkit2gtk-driver xvfb)."
    fi
}

case "${1:-}" in
venv) make_venv ;;
demo | dev) install_extra "$1" ;;
chromium) get_chromium ;;
*) fail "usage: sh scripts/setup.sh venv|demo|dev|chromium" ;;
esac
