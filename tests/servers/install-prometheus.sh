#!/bin/sh
# Unpack Debian's prometheus and its promtool into .servers/prometheus: the tests of the metrics scrape and check with
# them. Nothing is installed on the machine, no service is started, and no root right is needed.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
target=${PROMO_SERVERS:-$root/.servers}/prometheus
[ -x "$target/usr/bin/promtool" ] && exit 0

fail() { echo "prometheus: $1" >&2; exit 1; }
command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1 || fail "this needs Debian's apt-get and dpkg"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
set -- -qq -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache" -o "APT::Sandbox::User="
apt-get "$@" update >/dev/null 2>&1 || fail "apt-get update failed"
(cd "$work" && apt-get "$@" download prometheus >/dev/null 2>&1) || fail "Debian's sources have no prometheus"
mkdir "$work/unpacked"
dpkg -x "$work"/prometheus_*.deb "$work/unpacked"
version=$("$work/unpacked/usr/bin/promtool" --version 2>&1 | head -n 1 || true)
case $version in promtool,*) ;; *) fail "promtool does not run here: $version" ;; esac
mkdir -p "$target/usr/bin"
mv "$work/unpacked/usr/bin/prometheus" "$work/unpacked/usr/bin/promtool" "$target/usr/bin/"
echo "prometheus: $(echo "$version" | cut -d' ' -f3) is in $target"
