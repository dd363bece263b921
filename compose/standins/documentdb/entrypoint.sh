#!/bin/bash
# PostgreSQL and the gateway live and die together: a container with half of them would look alive and answer nothing.
set -euo pipefail

# A kill leaves two files with a process id behind; after the next start the number in them may belong to another process, and PostgreSQL would not start.
rm -f "$PGDATA/postmaster.pid" /var/run/postgresql/.s.PGSQL.*.lock

postgres -D "$PGDATA" &
postgres=$!
# SIGINT is PostgreSQL's fast shutdown: it does not wait for its clients to leave.
trap 'kill -INT "$postgres" 2>/dev/null || true; wait "$postgres" || true' EXIT
trap 'exit 0' TERM INT

until pg_isready --quiet; do
  kill -0 "$postgres"
  sleep 0.1
done

/usr/local/bin/gateway &
wait -n
