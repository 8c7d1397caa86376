#!/bin/sh
# Gets the certificate of FLASHWIRE_DOMAIN and renews it when a third of its time is left. nginx takes it from $CERTIFICATES/site.pem.
# With options it asks once, with these options of certbot: `docker compose exec certbot sh /https/certbot.sh --force-renewal`.
set -eu
umask 022
folder=${CERTIFICATES:-/certificates}
# Each authority has a folder, so that a certificate of a test authority is not kept when the real one is asked.
authority=${FLASHWIRE_ACME_SERVER#*://}
state=$folder/${authority%%/*}
live=$state/live/$FLASHWIRE_DOMAIN

ask() {
  mkdir -p "$folder/challenges"
  certbot certonly --webroot --webroot-path "$folder/challenges" --domain "$FLASHWIRE_DOMAIN" --cert-name "$FLASHWIRE_DOMAIN" \
    --server "$FLASHWIRE_ACME_SERVER" --config-dir "$state" --work-dir "$state/work" --logs-dir "$state/logs" \
    --max-log-backups 10 --non-interactive --agree-tos --register-unsafely-without-email --keep-until-expiring "$@" || return 1
  # One file, so that nginx never sees a certificate without its key. Its user is another one than certbot's, and only these two
  # containers have the volume.
  cat "$live/fullchain.pem" "$live/privkey.pem" > "$folder/site.pem.new" && mv "$folder/site.pem.new" "$folder/site.pem"
}

if [ $# -gt 0 ]; then
  ask "$@"
  exit
fi

trap 'exit 0' TERM INT
while :; do
  # An authority allows five failures an hour.
  if ask; then pause=43200; else pause=900; fi
  sleep $pause &
  wait $!
done
