#!/bin/sh
# Certificates for docker-compose.tls.yml: an authority that signs one for the broker and one for the database, for two
# years. Its key is thrown away, so that nobody signs another one with it; run this again for new ones, and restart both
# servers and Curfew. The folder is yours alone; the files in it are readable, since each server runs as an account of its
# container.
set -eu
folder=$(dirname "$0")/certificates
days=730
if [ -e "$folder" ] && [ "${1:-}" != --renew ]; then
  echo "$folder is there already; --renew makes new certificates" >&2
  exit 1
fi
umask 077
made=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$made"' EXIT
ec='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
openssl req -x509 $ec -days $days -subj '/CN=curfew compose authority' -keyout "$made/ca.key" -out "$made/ca.pem" \
  -addext keyUsage=critical,keyCertSign 2>/dev/null
for name in kafka mongo; do
  printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1\n' "$name" >"$made/names"
  openssl req $ec -subj "/CN=$name" -keyout "$made/$name.key" -out "$made/$name.csr" 2>/dev/null
  openssl x509 -req -days $days -in "$made/$name.csr" -CA "$made/ca.pem" -CAkey "$made/ca.key" -CAcreateserial \
    -extfile "$made/names" -out "$made/$name.crt" 2>/dev/null
  cat "$made/$name.key" "$made/$name.crt" >"$made/$name.pem"
done
rm "$made"/*.key "$made"/*.csr "$made"/*.crt "$made"/*.srl "$made/names"
chmod 644 "$made"/*.pem
rm -rf "$folder"
mv "$made" "$folder"
echo "made ca.pem, kafka.pem and mongo.pem in $folder"
