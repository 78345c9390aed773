# shellcheck shell=bash
# Installs packages of Debian. To be sourced.
#
#   debian_root REASON           sets as_root to the start of a command that runs as root; fails, with the
#                                reason and what to do, where there is no apt-get or no root
#   debian_install REASON PACKAGE…

debian_root() {
    as_root=()
    if ! command -v apt-get >/dev/null; then
        echo "$1, and apt-get is not available to install it." >&2
        return 1
    fi
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
            echo "$1, and installing it requires root." >&2
            return 1
        fi
        as_root=(sudo -n)
    fi
    as_root+=(env DEBIAN_FRONTEND=noninteractive)
}

debian_install() {
    local reason=$1
    local -a as_root
    shift
    if ! debian_root "$reason"; then
        echo "Run as root:  apt-get install --no-install-recommends $*" >&2
        return 1
    fi
    echo "$reason: installing $*."
    "${as_root[@]}" apt-get update -qq || return
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@"
}
