#!/bin/sh
# Runs nginx with the certificate that certbot.sh has written, and reloads it when there is another one. A reload cuts no reader: the
# old processes keep their connections. Until there is a certificate, nginx has one that no browser trusts.
set -eu
new=${CERTIFICATES:-/certificates}/site.pem
used=${USED_CERTIFICATE:-/tmp/site.pem}
umask 077

# Not a file that nginx could not use, also at the next start.
take() {
  openssl x509 -noout -in "$new" && openssl pkey -noout -in "$new" && cat "$new" > "$used"
}

if [ ! -s "$new" ] || ! take; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=$FLASHWIRE_DOMAIN" -keyout "$used" >> "$used"
fi

${NGINX:-nginx} -g 'daemon off;' &
nginx=$!
trap 'kill -QUIT $nginx' QUIT
trap 'kill -TERM $nginx' TERM INT
while kill -0 $nginx 2> /dev/null; do
  sleep "${CHECK_SECONDS:-10}" &
  wait $! || continue
  if [ -s "$new" ] && ! cmp -s "$new" "$used" && take; then kill -HUP $nginx; fi
done
wait $nginx
