#!/usr/bin/env bash
# Sets up everything that ./run and ./test need, in this folder; safe to repeat, skips what is done.
# Usage: ./setup.sh [run|dev]   dev adds what the tests need and is kept once it is there.
set -euo pipefail
cd "$(dirname "$0")"
want=${1:-run}
if [ -f .venv/.dev ]; then want=dev; fi

fail() { printf 'stabil: %s\n' "$1" >&2; exit 1; }

command -v python3 >/dev/null || fail "Python is missing: install python3 (3.11 or newer)."
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or newer is needed, python3 is $(python3 -V)."
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    fail "Node is missing: install nodejs (20 or newer) and npm."
fi
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

# An environment that is active in the shell must not be the one that is changed.
unset VIRTUAL_ENV CONDA_PREFIX UV_SYSTEM_PYTHON UV_PYTHON
export UV_PYTHON_DOWNLOADS=never

tools_stamp=$(cat locks/uv.txt <(python3 -V) | sha256sum)
if [ "$(cat .tools/.stamp 2>/dev/null)" != "$tools_stamp" ]; then
    python3 -m pip --version >/dev/null 2>&1 || fail "pip is missing: install python3-pip."
    rm -rf .tools
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --require-hashes --target .tools -r locks/uv.txt
    printf '%s' "$tools_stamp" > .tools/.stamp
fi

# The stamp holds the folder, too: an environment does not survive being moved or copied.
lock=locks/$([ "$want" = dev ] && echo dev || echo run).txt
stamp=$(cat setup.sh pyproject.toml "$lock" locks/build.txt <(python3 -V) <(pwd) | sha256sum)
if [ "$(cat .venv/.stamp 2>/dev/null)" != "$stamp" ] || ! .venv/bin/python -c '' 2>/dev/null; then
    rm -f .venv/.stamp
    if [ "$(cat .venv/.folder 2>/dev/null)" != "$(pwd)" ] || ! .venv/bin/python -c '' 2>/dev/null; then
        .tools/bin/uv venv --quiet --clear --python "$(command -v python3)" .venv
        pwd > .venv/.folder
    fi
    .tools/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes "$lock"
    .tools/bin/uv pip install --quiet --python .venv/bin/python --no-deps --build-constraints locks/build.txt --editable .
    if [ "$want" = dev ]; then touch .venv/.dev; fi
    printf '%s' "$stamp" > .venv/.stamp
fi

vendor=api/pages/static/vendor
web_stamp=$(cat web/package-lock.json web/copy.mjs <(node -v) | sha256sum)
if [ "$(cat $vendor/.stamp 2>/dev/null)" != "$web_stamp" ] || [ ! -d web/node_modules/axe-core ]; then
    (cd web && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && node copy.mjs)
    printf '%s' "$web_stamp" > $vendor/.stamp
fi

case "$(/sbin/ldconfig -p 2>/dev/null || true)" in
    *libgomp.so.1*) ;;
    *) need_package libgomp1 "The library libgomp, which LightGBM needs," ;;
esac
if [ "$want" = dev ] && ! command -v chromium >/dev/null; then
    need_package chromium "The browser Chromium, which the tests drive,"
fi
