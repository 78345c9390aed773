# shellcheck shell=bash
# Functions for a temporary PostgreSQL server. To be sourced.
#
#   postgres_find     sets postgres_bin; installs the Debian package if there is no server
#   postgres_start    starts a new cluster, exports PASSERELLE_TEST_POSTGRES_URL
#   postgres_stop     stops and removes it; safe to call at any time, any number of times
#
# Call postgres_start from a shell that lives as long as the server is needed, not
# from a subshell: the server ends with that shell.

# shellcheck source=scripts/lib/debian.sh
source "${BASH_SOURCE[0]%/*}/debian.sh"

postgres_bin=
postgres_dir=
postgres_pid=

# Prints the folder of the newest installed server, or fails.
postgres_installed_bin() {
    local dir
    local -a candidates=()
    # Debian installs servers outside PATH, in one folder per version. These come first,
    # because the commands in PATH may be wrappers that manage the system's own cluster.
    mapfile -t candidates < <(printf '%s\n' /usr/lib/postgresql/*/bin | sort -rV)
    if command -v pg_config >/dev/null; then
        candidates+=("$(pg_config --bindir)")
    fi
    if command -v initdb >/dev/null; then
        candidates+=("$(dirname "$(readlink -f "$(command -v initdb)")")")
    fi
    for dir in "${candidates[@]}"; do
        if [[ -x $dir/initdb && -x $dir/postgres ]]; then
            printf '%s\n' "$dir"
            return
        fi
    done
    return 1
}

# Installs Debian's server without the "main" cluster that its package would
# otherwise create and start.
postgres_install() {
    local dropin=/etc/postgresql-common/createcluster.d/passerelle-no-main.conf
    local -a as_root
    if ! debian_root 'The PostgreSQL server is not installed'; then
        echo "Run as root:  apt-get install postgresql" >&2
        echo "or set PASSERELLE_TEST_POSTGRES_URL to a server where databases may be created." >&2
        return 1
    fi
    echo "The PostgreSQL server is not installed: installing the package postgresql."
    "${as_root[@]}" apt-get update -qq || return
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends postgresql-common || return
    "${as_root[@]}" mkdir -p "${dropin%/*}" || return
    echo 'create_main_cluster = false' | "${as_root[@]}" tee "$dropin" >/dev/null || return
    local status=0
    "${as_root[@]}" apt-get install -y -qq --no-install-recommends postgresql || status=$?
    "${as_root[@]}" rm -f "$dropin"
    return "$status"
}

postgres_find() {
    if postgres_bin=$(postgres_installed_bin); then
        return
    fi
    postgres_install || return
    if ! postgres_bin=$(postgres_installed_bin); then
        echo "The package postgresql is installed, but initdb and postgres were not found." >&2
        return 1
    fi
}

postgres_start() {
    local user='' attempt port try
    local -a as=() detach=() tied=()
    # The environment may contain the settings of another server.
    local -a clean=(env -u PGDATA -u PGHOST -u PGHOSTADDR -u PGPORT -u PGUSER -u PGDATABASE
        -u PGPASSWORD -u PGSERVICE -u PGOPTIONS -u PGTZ LC_ALL=C)

    postgres_find || return

    # /tmp, not TMPDIR: the path of a socket must be shorter than 108 bytes, and the
    # user below must be able to reach it.
    postgres_dir=$(mktemp -d /tmp/passerelle-postgres.XXXXXX) || return

    if ((EUID == 0)); then
        # PostgreSQL refuses to run as root.
        user=nobody
        if id -u postgres >/dev/null 2>&1; then
            user=postgres
        fi
        chown "$user" "$postgres_dir" || return
        as=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
    fi
    # Its own session, so that Ctrl-C reaches the tests and not the server.
    if command -v setsid >/dev/null; then
        detach=(setsid)
    fi
    # If this shell is killed with SIGKILL, no trap runs: the kernel then signals the
    # server to shut down immediately. A change of user clears this setting, so it
    # comes after that change.
    if command -v setpriv >/dev/null; then
        tied=(setpriv --pdeathsig QUIT)
    fi

    # The locale C sorts by code point, as SQLite does.
    if ! (
        cd "$postgres_dir" &&
            "${clean[@]}" "${as[@]}" "$postgres_bin/initdb" --pgdata="$postgres_dir/data" \
                --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync
    ) >"$postgres_dir/initdb.log" 2>&1; then
        cat "$postgres_dir/initdb.log" >&2
        return 1
    fi

    # The data does not have to survive a crash, so nothing waits for the disk.
    # Autovacuum is off: a worker inside the template database would make
    # CREATE DATABASE … TEMPLATE wait for it.
    # The time zone is far from UTC and has no summer time, so that a local time
    # stored by mistake is detected on every machine and every day of the year.
    cat >>"$postgres_dir/data/postgresql.conf" <<EOF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$postgres_dir'
max_connections = 300
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
timezone = 'Indian/Reunion'
EOF

    for attempt in 1 2 3 4 5; do
        # Below 32768, where Linux starts to number outgoing connections. If the port is
        # already taken, the server stops at once and another port is tried.
        port=$((20000 + RANDOM % 12000))
        "${clean[@]}" "${detach[@]}" "${as[@]}" "${tied[@]}" \
            "$postgres_bin/postgres" -D "$postgres_dir/data" -p "$port" \
            </dev/null >"$postgres_dir/server.log" 2>&1 &
        postgres_pid=$!
        for ((try = 0; try < 600; try++)); do
            # The server writes its state to the last line of this file.
            if grep -qs '^ready' "$postgres_dir/data/postmaster.pid"; then
                export PASSERELLE_TEST_POSTGRES_URL="postgres://postgres@127.0.0.1:$port/postgres"
                return
            fi
            kill -0 "$postgres_pid" 2>/dev/null || break
            sleep 0.1
        done
        kill -QUIT "$postgres_pid" 2>/dev/null || true
        wait "$postgres_pid" || true
        postgres_pid=
        echo "PostgreSQL did not start on port $port (attempt $attempt):" >&2
        tail -n 5 "$postgres_dir/server.log" >&2
    done
    return 1
}

postgres_stop() {
    if [[ -n $postgres_pid ]]; then
        # An immediate shutdown, because the data is about to be removed.
        kill -QUIT "$postgres_pid" 2>/dev/null || true
        wait "$postgres_pid" 2>/dev/null || true
        postgres_pid=
    fi
    if [[ -n $postgres_dir ]]; then
        rm -rf -- "$postgres_dir"
        postgres_dir=
    fi
}

# Stops and removes the cluster, however the calling script ends.
postgres_stop_at_exit() {
    trap postgres_at_exit EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
}

postgres_at_exit() {
    # A second Ctrl-C must not interrupt the cleanup.
    trap '' INT TERM HUP
    postgres_stop
}
