#!/bin/sh
# Puts Sheaf's units, account, folders, nginx site and log rotation in place on a Debian-like machine; safe to run again.
# The program itself is in /opt/sheaf. What you changed in /etc/nginx/sites-available/sheaf is kept beside, as sheaf.old.
#
#   sh /opt/sheaf/installers/install.sh --name pay.example.org
#
# It starts nothing: `systemctl enable --now sheaf.target` does, when settings, database and certificate are there.
set -eu

name=""
while [ $# -gt 0 ]; do
    case "$1" in
        --name) name="${2:?--name wants the name in the certificate}"; shift 2 ;;
        *) echo "install.sh: what is $1? Usage: install.sh --name SERVER.NAME" >&2; exit 2 ;;
    esac
done
case "$name" in
    "" | *[!A-Za-z0-9.-]*)
        echo "install.sh: --name wants the server's name as desks will type it, such as pay.example.org" >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || { echo "install.sh: only root can do this; try: sudo sh $0 --name $name" >&2; exit 1; }
[ -x /opt/sheaf/.venv/bin/sheaf ] || { echo "install.sh: there is no /opt/sheaf/.venv/bin/sheaf; run: make -C /opt/sheaf setup" >&2; exit 1; }

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
say() { echo "install.sh: $*"; }
put() { install -D -m "$1" "$2" "$3"; say "$3"; }

put 0644 "$here/sysusers.d/sheaf.conf" /etc/sysusers.d/sheaf.conf
systemd-sysusers /etc/sysusers.d/sheaf.conf
put 0644 "$here/tmpfiles.d/sheaf.conf" /etc/tmpfiles.d/sheaf.conf
systemd-tmpfiles --create /etc/tmpfiles.d/sheaf.conf
put 0755 "$here/bin/sheaf" /usr/local/bin/sheaf

for unit in "$here"/systemd/sheaf*.service "$here"/systemd/sheaf*.socket "$here"/systemd/sheaf*.t*; do
    put 0644 "$unit" "/etc/systemd/system/${unit##*/}"
done
put 0644 "$here/systemd/sheaf-.service.d/10-common.conf" /etc/systemd/system/sheaf-.service.d/10-common.conf
version=$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')
if [ "${version:-0}" -ge 254 ]; then
    put 0644 "$here/systemd/20-slower.conf" /etc/systemd/system/sheaf-.service.d/20-slower.conf
fi
put 0644 "$here/journald.conf.d/sheaf.conf" /etc/systemd/journald.conf.d/sheaf.conf
put 0644 "$here/logrotate.d/sheaf" /etc/logrotate.d/sheaf

if [ -d /etc/nginx/sites-available ]; then
    site=/etc/nginx/sites-available/sheaf
    sed "s/server_name sheaf\.example;/server_name $name;/" "$here/nginx/sheaf.conf" > "$site.new"
    if [ -e "$site" ] && ! cmp -s "$site" "$site.new"; then
        cp -p "$site" "$site.old"
        say "$site was different; what it was is $site.old"
    fi
    mv "$site.new" "$site"
    ln -sfn "$site" /etc/nginx/sites-enabled/sheaf
    say "$site"
    [ -e /etc/nginx/sheaf/certificate.pem ] || say "nginx wants /etc/nginx/sheaf/certificate.pem and key.pem before it starts"
else
    say "nginx is not here; put a TLS proxy of your own in front of 127.0.0.1:8350"
fi

systemctl enable --quiet sheaf-api.socket sheaf-api.service sheaf-executor@1.service sheaf-statements.service
for timer in "$here"/systemd/sheaf*.timer; do systemctl enable --quiet "${timer##*/}"; done
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    systemctl try-restart systemd-journald.service
fi
say "done; next: sheaf init, then systemctl enable --now sheaf.target"
