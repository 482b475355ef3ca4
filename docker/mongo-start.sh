#!/bin/bash
# A replica set with access control needs a key file, even with one member. It is drawn at the first start and stays
# in the volume; nobody else ever needs it.
set -euo pipefail
keyfile=/data/configdb/keyfile
if [ ! -s "$keyfile" ]; then
  head -c 96 /dev/urandom | base64 -w 0 >"$keyfile.new"
  chmod 400 "$keyfile.new"
  mv "$keyfile.new" "$keyfile"
fi
# The image's own entry point: makes the users at the first start, then drops its rights. What Compose gives as `command`
# (docker-compose.tls.yml) comes last.
exec docker-entrypoint.sh mongod --replSet rs0 --keyFile "$keyfile" --bind_ip_all "$@"
