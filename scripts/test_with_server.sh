#!/usr/bin/env bash
# Run the suite (without telephones and browser) against a throwaway cluster of this machine's own PostgreSQL.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
if [ -z "$bin" ] || [ ! -x "$bin/initdb" ]; then
  echo "No PostgreSQL server on this machine (Debian, Ubuntu: apt install postgresql)." >&2
  exit 1
fi
folder=$(mktemp -d /tmp/callcart-server-XXXXXX)
as=()
if [ "$(id -u)" = 0 ]; then
  chown nobody "$folder"
  as=(setpriv --reuid=nobody --regid="$(id -g nobody)" --clear-groups)
fi
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
password=$(.venv/bin/python -c 'import secrets; print(secrets.token_hex(16))')
stop() {
  "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap stop EXIT
printf '%s\n' "$password" >"$folder/password"
chmod 0644 "$folder/password"
cd /
"${as[@]}" "$bin/initdb" -D "$folder/data" -U postgres --pwfile="$folder/password" -A scram-sha-256 -E UTF8 --locale=C.UTF-8 >/dev/null
"${as[@]}" "$bin/pg_ctl" -D "$folder/data" -w -s -l "$folder/log" start -o \
  "-p $port -k $folder -c listen_addresses=127.0.0.1 -c max_connections=400 -c fsync=off -c autovacuum_naptime=5s"
PGPASSWORD=$password "$bin/psql" -q -h 127.0.0.1 -p "$port" -U postgres -v ON_ERROR_STOP=1 \
  -c "CREATE ROLE callcart_owner LOGIN CREATEDB CREATEROLE PASSWORD '$password'" \
  -c "CREATE DATABASE callcart OWNER callcart_owner"
cd - >/dev/null
echo "PostgreSQL $("$bin/postgres" --version | grep -oE '[0-9]+(\.[0-9]+)?' | head -1) on port $port"
CALLCART_DATABASE_URL="postgresql://callcart_owner:$password@127.0.0.1:$port/callcart" \
  .venv/bin/python -m pytest tests -m "not journey and not kill" "$@"
