#!/usr/bin/env bash
# install.sh PREFIX CACHE: Kamailio from the packages of this very Debian or Ubuntu, unpacked into PREFIX. Needs apt-get, dpkg-deb and tar,
# no root. The system's packages and apt's state stay untouched; it runs with the system's libraries and those beside it.
set -euo pipefail
umask 022
mkdir -p "$1" "$2"
PREFIX=$(cd "$1" && pwd) CACHE=$(cd "$2" && pwd)
fail() { echo "kamailio: $*" >&2; exit 1; }
for tool in apt-get dpkg-deb dpkg tar; do command -v "$tool" >/dev/null || fail "$tool is not on this machine"; done
# shellcheck disable=SC1091
. /etc/os-release
PACKAGES=$CACHE/kamailio-${VERSION_CODENAME:-any}-$(dpkg --print-architecture)
WORK=$(mktemp -d); trap 'rm -rf "$WORK"' EXIT

download() {
  mkdir -p "$WORK"/{lists/partial,cache/archives/partial,debs}
  local options=(-qq -o "Dir::State::Lists=$WORK/lists" -o "Dir::Cache=$WORK/cache" -o "Dir::Log=$WORK" -o APT::Sandbox::User=
    -o Acquire::Languages=none -o Acquire::Retries=3 -o Debug::NoLocking=true)
  apt-get "${options[@]}" update || fail "no mirror of this machine answers"
  (cd "$WORK/debs" && apt-get "${options[@]}" download kamailio) || fail "this system has no package kamailio"
  # A small system may lack what it is linked with.
  (cd "$WORK/debs" && apt-get "${options[@]}" download libpcre3 2>/dev/null) || true
  rm -rf "$PACKAGES.new"; mkdir -p "$PACKAGES.new"; mv "$WORK"/debs/*.deb "$PACKAGES.new/"
  rm -rf "$PACKAGES"; mv "$PACKAGES.new" "$PACKAGES"
}

unpack() {
  rm -rf "${PREFIX:?}"/{usr,lib,etc}
  for deb in "$PACKAGES"/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$PREFIX" --no-same-owner --exclude='./usr/share/*' || return 1
  done
  local modules; modules=$(find "$PREFIX/usr/lib" -type d -path '*/kamailio/modules' | head -n 1)
  [ -n "$modules" ] || return 1
  cat > "$PREFIX/kamailio.new" <<RUN
#!/bin/sh
LD_LIBRARY_PATH="$(dirname "$modules"):$(dirname "$(dirname "$modules")"):$PREFIX/lib" exec "$PREFIX/usr/sbin/kamailio" -L "$modules" "\$@"
RUN
  chmod 755 "$PREFIX/kamailio.new"; "$PREFIX/kamailio.new" -v >/dev/null || return 1
  mv "$PREFIX/kamailio.new" "$PREFIX/kamailio"
}

rm -f "$PREFIX/kamailio"
[ -d "$PACKAGES" ] || download
unpack || { download; unpack; } || fail "the packages do not make a working kamailio"
echo "kamailio: $(du -sm "$PACKAGES" | cut -f1) MB kept, $(du -sm "$PREFIX" | cut -f1) MB installed"
