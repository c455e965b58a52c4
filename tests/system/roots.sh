# SPDX-License-Identifier: Apache-2.0
# Debian roots for the system tests; sourced. They are made once and kept in build/system.
roots=$PWD/build/system

# Where this machine gets its packages from.
mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -1; }

# make_root NAME SUITE PACKAGES: a bare root with these packages; its path is in $root then.
make_root() {
  root=$roots/$1
  [ ! -e "$root/.whole" ] || return 0
  mkdir -p "$roots"
  rm -rf "$root"
  echo "== making a root of $2: build/system/$1"
  debootstrap --variant=minbase --include="$3" "$2" "$root" "$(mirror)" >"$roots/debootstrap.log" 2>&1 || { tail -20 "$roots/debootstrap.log"; return 1; }
  cp -n /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/" # a proxy, perhaps
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  touch "$root/.whole"
}

# within ROOT COMMAND...: as root there, with mounts that end with the command.
within() {
  unshare --mount --pid --fork --kill-child sh -ec '
    root=$1; shift
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    mount -t tmpfs tmpfs "$root/dev/shm"
    exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} "$@"' sh "$@"
}
