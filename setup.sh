#!/usr/bin/env bash
# Sets up everything that ./run and ./test need, in this folder; safe to repeat, skips what is done.
# Usage: ./setup.sh [run|dev]   dev adds what the tests need and is kept once it is there.
set -euo pipefail
cd "$(dirname "$0")"
want=${1:-run}
[ -f .venv/.dev ] && want=dev

fail() { printf 'stabil: %s\n' "$1" >&2; exit 1; }

command -v python3 >/dev/null || fail "Python is missing: install python3 (3.11 or newer)."
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed, python3 is $(python3 -V)."
command -v node >/dev/null && command -v npm >/dev/null || fail "Node is missing: install nodejs (20 or newer) and npm."
[ "$(node -p 'process.versions.node.split(".")[0]')" -ge 20 ] || fail "Node 20 or newer is needed, node is $(node -v)."

# A system package that is missing is installed by root; anybody else is told its name.
need_package() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        (apt-get install -y -qq "$1" || { apt-get update -qq && apt-get install -y -qq "$1"; }) >/dev/null 2>&1 \
            || fail "$2 is missing and could not be installed: run 'apt-get install $1'."
    else
        fail "$2 is missing: run 'sudo apt-get install $1'."
    fi
}

export UV_PYTHON_DOWNLOADS=never
stamp=$(cat setup.sh pyproject.toml "locks/$([ "$want" = dev ] && echo dev || echo run).txt" | sha256sum)
if [ "$(cat .venv/.stamp 2>/dev/null)" != "$stamp" ]; then
    if [ ! -x .tools/bin/uv ]; then
        python3 -m pip --version >/dev/null 2>&1 || fail "pip is missing: install python3-pip."
        python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --require-hashes --target .tools -r locks/uv.txt
    fi
    [ -x .venv/bin/python ] || .tools/bin/uv venv --quiet --python "$(command -v python3)" .venv
    lock=locks/run.txt
    [ "$want" = dev ] && lock=locks/dev.txt
    .tools/bin/uv pip sync --quiet --require-hashes "$lock"
    .tools/bin/uv pip install --quiet --no-deps --editable .
    [ "$want" = dev ] && touch .venv/.dev
    printf '%s' "$stamp" > .venv/.stamp
fi

web_stamp=$(cat web/package-lock.json web/copy.mjs | sha256sum)
vendor=api/pages/static/vendor
if [ "$(cat $vendor/.stamp 2>/dev/null)" != "$web_stamp" ]; then
    (cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && node copy.mjs)
    printf '%s' "$web_stamp" > $vendor/.stamp
fi

/sbin/ldconfig -p 2>/dev/null | grep -q 'libgomp\.so\.1' || need_package libgomp1 "The library libgomp, which LightGBM needs,"
[ "$want" != dev ] || command -v chromium >/dev/null || need_package chromium "The browser Chromium, which the tests drive,"
