#!/usr/bin/env bash
# Starts the server of a folder, puts the load of load.yaml on it, and ends as `wsn bench` does:
#   bash ci/under-load.sh FOLDER [options of wsn bench]
set -euo pipefail
port=8000
folder=$1
shift

# change: how your server is started; `exec` lets it have the signal that ends it
(cd "$folder" && exec node server.js "$port") &
server=$!
trap 'kill "$server" && wait "$server" || true' EXIT
for _ in {1..100}; do
  (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
  sleep 0.1
done

# An invalid run (7) says nothing about the server, only that the machine was busy: it is made once more.
for _ in 1 2; do
  code=0
  wsn bench --url "ws://127.0.0.1:$port" --profile "$(dirname "$0")/load.yaml" "$@" || code=$?
  [ "$code" -eq 7 ] || break
done
exit "$code"
