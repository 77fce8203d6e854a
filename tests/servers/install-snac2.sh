#!/bin/sh
# Unpack Debian's snac2, a small server with Mastodon's API, into .servers/snac2: the tests of the mastodon connector
# run against it. Nothing is installed on the machine and no root right is needed. Older Debian releases lack the
# package, so newer suites of the same mirror are asked too, in an apt state of their own.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
target=${PROMO_SERVERS:-$root/.servers}/snac2
[ -x "$target/usr/bin/snac" ] && exit 0

fail() { echo "snac2: $1" >&2; exit 1; }
command -v apt-get >/dev/null 2>&1 && command -v dpkg >/dev/null 2>&1 || fail "this needs Debian's apt-get and dpkg"
codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
mirror=$(apt-get indextargets --format '$(RELEASE) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
    awk -v release="$codename" '$1 == release { print $2; exit }')
[ -n "$mirror" ] || fail "apt's sources name no mirror for $codename"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || fail "the package debian-archive-keyring is missing"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for suite in "$codename" trixie-backports trixie sid; do
    rm -rf "$work/apt"
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/apt/sources" "$work/apt/empty"
    echo "deb [signed-by=$keyring] $mirror $suite main" >"$work/apt/sources/snac2.list"
    set -- -qq -o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$work/apt/sources" \
        -o "Dir::Etc::preferencesparts=$work/apt/empty" -o "Dir::State::lists=$work/apt/lists" \
        -o "Dir::Cache=$work/apt/cache" -o "APT::Sandbox::User=" -o "APT::Update::Error-Mode=any"
    apt-get "$@" update >/dev/null 2>&1 || continue
    (cd "$work" && apt-get "$@" download snac2 >/dev/null 2>&1) || continue
    rm -rf "$work/unpacked" && mkdir "$work/unpacked"
    dpkg -x "$work"/snac2_*.deb "$work/unpacked"
    rm -f "$work"/snac2_*.deb
    # Called without arguments it tells its version and its usage; a missing library would stop it before.
    version=$("$work/unpacked/usr/bin/snac" 2>&1 | head -n 1 || true)
    case $version in
        snac\ [2-9]*) ;;
        *) continue ;;
    esac
    mkdir -p "$(dirname "$target")" && rm -rf "$target" && mv "$work/unpacked" "$target"
    echo "snac2: ${version%% -*} from $suite is in $target"
    exit 0
done
fail "no suite of $mirror has a snac2 that runs here"
