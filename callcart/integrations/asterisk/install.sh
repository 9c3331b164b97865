#!/usr/bin/env bash
# install.sh PREFIX CACHE [min|full]: Asterisk from Debian's or Ubuntu's packages into PREFIX.
# Needs apt-get, dpkg-deb and tar, no root. The system's own packages, apt state and libc stay untouched: the programs
# run through PREFIX's own dynamic loader (PREFIX/asterisk). Packages are kept in CACHE; with them a rerun is offline.
set -euo pipefail
umask 022
mkdir -p "$1" "$2"
PREFIX=$(cd "$1" && pwd) CACHE=$(cd "$2" && pwd) MODE=${3:-min}
OS_RELEASE=${CALLCART_OS_RELEASE:-/etc/os-release}
APT_SOURCES=${CALLCART_APT_SOURCES:-/etc/apt}

fail() { echo "asterisk: $*" >&2; exit 1; }
for tool in apt-get dpkg-deb dpkg tar awk; do command -v "$tool" >/dev/null || fail "$tool is not on this machine"; done

ARCH=$(dpkg --print-architecture)
PACKAGES=$CACHE/asterisk-$ARCH
WORK=$(mktemp -d); trap 'rm -rf "$WORK"' EXIT

# What the modules that conf.py loads need, with its libraries, in Debian's unstable suite.
MINIMUM="asterisk asterisk-modules libc6 libgcc-s1 libstdc++6 libbsd0 libmd0 libcap2 libcrypt1 libedit2 libtinfo6
  libgsm1 libjansson4 libnspr4 libnss3 libopus0 libsqlite3-0 libsrtp2-1 libssl3t64 libsystemd0 liburiparser1 libuuid1
  libxml2-16 libxslt1.1 libzstd1 zlib1g"

# The mirror this machine uses: the first source of its own suite and the component main, in either form of apt.
mirror() {
  local codename=$1
  { cat "$APT_SOURCES"/sources.list.d/*.sources 2>/dev/null || true; } | awk -v suite="$codename" '
    function done_() { if (uri != "" && deb && fits && main && enabled && uri !~ /security/) { print uri; exit_now = 1; exit }
                       uri = ""; deb = fits = main = 0; enabled = 1 }
    BEGIN { enabled = 1 }
    /^[[:space:]]*$/ { done_(); next }
    /^#/ { next }
    tolower($1) == "types:"      { for (i = 2; i <= NF; i++) if ($i == "deb") deb = 1 }
    tolower($1) == "uris:"       { if (uri == "") uri = $2 }
    tolower($1) == "suites:"     { for (i = 2; i <= NF; i++) if ($i == suite || $i ~ /^(stable|testing|unstable|sid)$/) fits = 1 }
    tolower($1) == "components:" { for (i = 2; i <= NF; i++) if ($i == "main") main = 1 }
    tolower($1) == "enabled:"    { enabled = (tolower($2) != "no") }
    END { if (!exit_now) done_() }'
  cat "$APT_SOURCES/sources.list" "$APT_SOURCES"/sources.list.d/*.list 2>/dev/null | awk -v suite="$codename" '
    $1 == "deb" { sub(/\[[^]]*\]/, ""); uri = $2; at = $3
      if (uri ~ /security/ || !(at == suite || at ~ /^(stable|testing|unstable|sid)$/)) next
      for (i = 4; i <= NF; i++) if ($i == "main") { print uri; exit } }' || true
}

download() {
  # shellcheck disable=SC1090
  . "$OS_RELEASE"
  local suite components keyring uri
  case "${ID:-} ${ID_LIKE:-}" in
    ubuntu*|*" ubuntu"*) suite=noble components="main universe" keyring=/usr/share/keyrings/ubuntu-archive-keyring.gpg MODE=full
      uri=$(mirror "${UBUNTU_CODENAME:-${VERSION_CODENAME:-}}" | head -n 1) ;;
    *debian*) suite=sid components=main keyring=/usr/share/keyrings/debian-archive-keyring.gpg
      uri=$(mirror "${VERSION_CODENAME:-sid}" | head -n 1) ;;
    *) fail "packages are known for Debian and Ubuntu only (this is ${PRETTY_NAME:-an unknown system})" ;;
  esac
  [ -n "$uri" ] || fail "no Debian or Ubuntu mirror in $APT_SOURCES"
  [ -e "$keyring" ] || fail "the keyring $keyring is missing"
  mkdir -p "$WORK"/{lists/partial,cache/archives/partial,empty,debs}; : > "$WORK/status"
  echo "deb [signed-by=$keyring] $uri $suite $components" > "$WORK/sources.list"
  cat > "$WORK/apt.conf" <<CONF
Dir::Etc::sourcelist "$WORK/sources.list"; Dir::Etc::sourceparts "$WORK/empty";
Dir::Etc::preferences "/dev/null"; Dir::Etc::preferencesparts "$WORK/empty";
Dir::State "$WORK"; Dir::State::Lists "$WORK/lists"; Dir::State::status "$WORK/status"; Dir::Cache "$WORK/cache";
Dir::Log "$WORK"; APT::Architecture "$ARCH"; APT::Architectures { "$ARCH"; };
APT::Install-Recommends "false"; APT::Sandbox::User ""; Acquire::Languages "none"; Acquire::Retries "3";
Debug::NoLocking "true";
CONF
  export APT_CONFIG=$WORK/apt.conf
  echo "asterisk: reading the package list of $suite"
  apt-get -qq update || fail "the mirror $uri does not answer"
  echo "asterisk: downloading packages"
  if [ "$MODE" = min ]; then
    # shellcheck disable=SC2086
    (cd "$WORK/debs" && apt-get -qq download $MINIMUM) || { echo "asterisk: package names have changed, taking all it depends on"; MODE=full; }
  fi
  if [ "$MODE" = full ]; then
    rm -f "$WORK"/debs/*.deb
    apt-get install -y -qq --download-only asterisk >/dev/null || fail "the packages could not be downloaded"
    mv "$WORK"/cache/archives/*.deb "$WORK/debs/"
  fi
  rm -rf "$PACKAGES.new"; mkdir -p "$PACKAGES.new"; mv "$WORK"/debs/*.deb "$PACKAGES.new/"
  rm -rf "$PACKAGES"; mv "$PACKAGES.new" "$PACKAGES"
}

unpack() {
  local skip=(--exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='./usr/share/i18n/*')
  rm -rf "${PREFIX:?}"/usr "$PREFIX"/{bin,sbin,lib,lib64,etc,var}
  mkdir -p "$PREFIX"/usr/{bin,sbin,lib,lib64}
  for name in bin sbin lib lib64; do ln -s "usr/$name" "$PREFIX/$name"; done
  for deb in "$PACKAGES"/*.deb; do
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$PREFIX" --keep-directory-symlink --no-same-owner "${skip[@]}" || return 1
  done
}

launcher() {
  local libc libraries loader
  libc=$(find "$PREFIX/usr/lib" -name libc.so.6 | head -n 1); libraries=$(dirname "$libc")
  loader=$(find "$PREFIX/usr/lib" "$PREFIX/usr/lib64" -maxdepth 2 -name 'ld-linux*.so.*' | head -n 1)
  [ -n "$libc" ] && [ -n "$loader" ] || { echo "asterisk: the packages hold no dynamic loader" >&2; return 1; }
  cat > "$PREFIX/asterisk.new" <<RUN
#!/bin/sh
exec "$loader" --library-path "$libraries" --argv0 asterisk "$PREFIX/usr/sbin/asterisk" "\$@"
RUN
  chmod 755 "$PREFIX/asterisk.new"; "$PREFIX/asterisk.new" -V || return 1
  mv "$PREFIX/asterisk.new" "$PREFIX/asterisk"
}

rm -f "$PREFIX/asterisk"
if [ "$MODE" = full ] || [ ! -d "$PACKAGES" ]; then download; fi
if ! { unpack && launcher; }; then
  # Broken or incomplete packages in the cache: once more from the mirror, with everything asterisk depends on.
  [ "$MODE" = full ] && fail "the packages do not make a working asterisk"
  MODE=full; download
  unpack && launcher || fail "the packages do not make a working asterisk"
fi
echo "asterisk: $(find "$PACKAGES" -name '*.deb' | wc -l) packages, $(du -sm "$PACKAGES" | cut -f1) MB kept, $(du -sm "$PREFIX" | cut -f1) MB installed"
