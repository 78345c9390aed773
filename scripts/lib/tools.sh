# Installs the pinned tools that check the contract and the statistics under target/tools,
# in a folder named after the checksum of their lock file. A change of version uses a new
# folder, and the source tree stays clean. To be sourced from the root of the project.
# shellcheck shell=bash

tools=${tools:-$PWD/target/tools}

# No telemetry, and no check for newer versions.
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true SCARF_ANALYTICS=false
export PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 SCHEMATHESIS_TELEMETRY=off

# python_tools NAME REQUIREMENTS: sets python_bin to the commands of a virtual
# environment with these requirements.
python_tools() {
    local prefix
    prefix=$tools/$1-$(cksum <"$2" | tr -d ' ') || return
    python_bin=$prefix/bin
    [[ -e $prefix/complete ]] && return
    if ! python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        echo "The checks of the contract and of the statistics need Python 3.11 or later with venv and pip." >&2
        return 1
    fi
    rm -rf -- "$prefix"
    python3 -m venv "$prefix" || return
    "$python_bin/pip" install --quiet --no-deps --requirement "$2" || return
    touch "$prefix/complete"
}

# node_tools NAME FOLDER: sets node_modules to the packages of the folder's lock
# file, installed with the first node in PATH.
node_tools() {
    local prefix
    prefix=$tools/$1-$(cksum <"$2/package-lock.json" | tr -d ' ') || return
    node_modules=$prefix/node_modules
    [[ -d $prefix ]] && return
    if ! command -v npm >/dev/null; then
        echo "The checks of the contract need Node (20.19 or later) with npm: not installed." >&2
        return 1
    fi
    rm -rf -- "$prefix.part"
    mkdir -p -- "$prefix.part" || return
    cp "$2/package.json" "$2/package-lock.json" "$prefix.part/" || return
    npm ci --prefix "$prefix.part" --ignore-scripts --no-audit --no-fund --loglevel=error || return
    mv -- "$prefix.part" "$prefix"
}
