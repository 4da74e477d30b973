# shellcheck shell=bash
# shellcheck disable=SC2164 # errexit is on
# Makes packages in Slackware's format out of Debian's; sourced. Who calls for packages says: suite, cache, out; trim NAME
# (what a package does not keep) and lay_out (where files go in the end), both run in an unpacked package.
standin=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf '%s\n' "$*"; }

fail() {
  printf 'stand-in: %s\n' "$*" >&2
  exit 1
}

recipe_key() { # what it is made for
  {
    echo "$1"
    cd "$standin" && find . -type f -perm -u+x -printf 'x %p\n' -o -type l -printf 'l %p %l\n' | sort
    find . -type f -print0 | sort -z | xargs -0 sha256sum
  } | sha256sum | cut -c1-32
}

options() { # of the command line
  suite=trixie out='' cache='' key_only=no
  while [ $# -gt 0 ]; do
    case $1 in
      --suite) suite=${2-}; shift 2 || usage ;;
      --out) out=${2-}; shift 2 || usage ;;
      --cache) cache=${2-}; shift 2 || usage ;;
      --key) key_only=yes; shift ;;
      *) usage ;;
    esac
  done
  case $suite in *[!a-z0-9-]*|'') fail "\"$suite\" is no name of a Debian suite" ;; esac
}

usage() {
  echo "usage: build --suite SUITE --out DIR --cache DIR" >&2
  exit 2
}

# Ends here if what is asked for is there already; otherwise leaves an empty $work that goes when the program ends.
begin() { # what it makes, and the programs that it needs
  local what=$1 tools=$2 tool
  key=$(recipe_key "$suite")
  if [ "$key_only" = yes ]; then
    echo "$key"
    exit 0
  fi
  [ -n "$out" ] && [ -n "$cache" ] || usage
  case $out in /*) ;; *) out=$PWD/$out ;; esac
  case $cache in /*) ;; *) cache=$PWD/$cache ;; esac
  if is_done; then
    say "$what is up to date: $out"
    exit 0
  fi
  [ "$(id -u)" = 0 ] || fail "must run as root: packages record owners"
  for tool in apt-get dpkg-deb perl xz flock $tools; do
    command -v "$tool" >/dev/null || fail "$tool is missing"
  done
  mkdir -p "$cache" "$(dirname "$out")"
  exec 8> "$cache/lock"
  flock 8
  # Another run may have made it in the meantime.
  if is_done; then
    say "$what is up to date: $out"
    exit 0
  fi
  work=$cache/work
  [ ! -d "$work" ] || rm -rf "$work"
  mkdir -p "$work/stage"
  trap finish EXIT
  jobs=$(nproc)
}

is_done() { [ -d "$out" ] && [ "$(cat "$out.key" 2>/dev/null)" = "$key" ]; }

finish() { rm -rf "$work"; }

# Puts what was made in the place of what was there.
publish() { # directory
  cd /
  rm -rf "$out.key" "$out"
  mv "$1" "$out"
  echo "$key" > "$out.key"
}

rows() { grep -v -e '^#' -e '^$' "$1"; }

# --- packages of Debian -----------------------------------------------------------------------------------------------

# Gives apt a state of its own, with the archive that the machine's apt uses.
own_apt() { # directory, then lines of sources.list without the archive: "deb trixie main"
  local apt=$1 mirror type rest
  shift
  mkdir -p "$apt/lists/partial" "$apt/archives/partial"
  # shellcheck disable=SC2016 # apt expands these
  mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "Debian" { print $2; exit }')
  [ -n "$mirror" ] || fail "apt on this machine knows no Debian archive; run apt-get update"
  printf '%s\n' "$@" | while read -r type rest; do
    echo "$type [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $rest"
  done > "$apt/sources.list"
  [ -e "$apt/status" ] || : > "$apt/status"
  cat > "$apt/apt.conf" <<A
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State "$apt";
Dir::State::lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::archives "$apt/archives";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
Acquire::Languages "none";
Acquire::Retries "3";
A
  export APT_CONFIG=$apt/apt.conf
}

# Fetches the packages that the table names, and what these need: $work/debs lists the files. Debian's packages of the
# list of absent ones are taken to be there.
get_debs() { # table, list of absent ones, and more packages
  local table=$1 absent=$2 wanted
  shift 2
  apt=$cache/apt-$suite
  say "reading Debian $suite"
  mkdir -p "$apt"
  rows "$absent" | awk -F'\t' '$2 == "" {
    printf "Package: %s\nStatus: install ok installed\nMaintainer: none\nArchitecture: amd64\nMulti-Arch: allowed\n", $1
    printf "Version: 9999:1\nDescription: left out\n\n" }' > "$apt/status"
  own_apt "$apt" "deb $suite main"
  ls "$apt"/lists/*Packages* >/dev/null 2>&1 || apt-get -q update >&2
  kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9]\)/\1/p' | head -n1)
  [ -n "$kernel" ] || fail "$suite has no linux-image-cloud-amd64"
  wanted=$(rows "$table" | cut -f3 | sed "s/@kernel/$kernel/;s/@release/${kernel#linux-image-}/;s/^-\$//" | tr ' ' '\n' | grep -v -e '^?' -e '[*]')
  wanted+=" $*"
  # apt names only what it has not fetched yet, so it is asked with an empty archive.
  mkdir -p "$work/none/partial"
  if ! fetch_debs "$wanted"; then
    say "the lists are stale, reading them again"
    apt-get -q update >&2
    fetch_debs "$wanted" || { cat "$work/apt.err" "$work/apt.log" >&2; fail "apt could not get the packages of $suite"; }
  fi
  sed -n "s/^'[^']*' \([^ ]*\) .*/\1/p" "$work/uris" > "$work/debs"
  say "$(wc -l < "$work/debs") Debian packages"
  # Newer suites cut the kernel into several packages.
  kernel_debs=$(sed -n "s/^\(linux-\(image\|base\|binary\|modules\)-${kernel#linux-image-}\)_.*/\1/p" "$work/debs" | tr '\n' ' ')
}

fetch_debs() {
  # shellcheck disable=SC2086
  apt-get -q -y --no-install-recommends -o Dir::Cache::archives="$work/none" --print-uris install $1 > "$work/uris" 2> "$work/apt.err" \
    && apt-get -q -y --no-install-recommends --download-only install $1 > "$work/apt.log" 2>&1
}

deb_of() {
  local file
  file=$(grep -m1 "^$1_" "$work/debs") || return 1
  echo "$apt/archives/$file"
}

# --- what each package is made of -------------------------------------------------------------------------------------

# Writes $work/plan.all, the table with files in the place of Debian's names. What nobody claims becomes aaa_libraries.
plan() { # table, and lists of what others claim
  local table=$1 name series debs text list deb file rest=''
  shift
  for list; do rows "$list" | cut -f1 | sed "s/^@kernel\$/${kernel_debs// /\\n}/"; done > "$work/claimed"
  while IFS=$'\t' read -r name series debs text; do
    list=''
    debs=${debs/@release/${kernel#linux-image-}}
    while read -r deb; do
      case $deb in
        ''|-) continue ;;
        *'*'*)
          while read -r file; do
            # shellcheck disable=SC2053 # a pattern
            if [[ ${file%%_*} == $deb ]] && ! grep -qxF "${file%%_*}" "$work/claimed"; then
              list+=" $apt/archives/$file"
              echo "${file%%_*}" >> "$work/claimed"
            fi
          done < "$work/debs" ;;
        *)
          if file=$(deb_of "${deb#\?}"); then
            list+=" $file"
            echo "${deb#\?}" >> "$work/claimed"
          else
            [ "${deb#\?}" != "$deb" ] || fail "packages.tsv: $name needs $deb, which $suite does not have"
          fi ;;
      esac
    done < <(tr ' ' '\n' <<< "${debs/@kernel/$kernel_debs}")
    printf '%s\t%s\t%s\t%s\n' "$name" "$series" "${list:-" -"}" "$text"
  done < <(rows "$table") > "$work/plan"
  while read -r file; do
    grep -qxF "${file%%_*}" "$work/claimed" || rest+=" $apt/archives/$file"
  done < "$work/debs"
  awk -F'\t' -v OFS='\t' -v rest="$rest" '$1 == "aaa_libraries" { $3 = rest } { print }' "$work/plan" > "$work/plan.all"
}

# Calls a function with the columns of each package of the plan, several at once.
for_each_package() {
  local name series debs text
  while IFS=$'\t' read -r name series debs text; do
    printf '%s\0%s\0%s\0%s\0' "$name" "$series" "$debs" "$text"
  done < "$work/plan.all" | xargs -0 -n4 -P "$jobs" bash -eu -o pipefail -c "$1 \"\$@\"" "$1"
}

version_of() { # of a Debian package, as Slackware may write it
  dpkg-deb -f "$1" Version | sed 's/^[0-9]*://;s/-[^-]*$//;s/[-~]/_/g'
}

unpack() { # name series debs
  local dir=$work/stage/$1 deb
  mkdir -p "$dir"
  for deb in $3; do
    [ "$deb" != - ] || continue
    dpkg-deb -x "$deb" "$dir"
  done
  (
    cd "$dir"
    trim "$1"
    # shellcheck disable=SC1090
    [ ! -r "$standin/prepare/$1" ] || . "$standin/prepare/$1"
    [ ! -d "$standin/rootfs/$1" ] || cp -a --no-preserve=ownership "$standin/rootfs/$1/." .
    lay_out
    find . -depth -type d -empty -path './usr/*' -delete
  )
}

# Leaves the package in a directory and its full name in $full.
make_package() { # name debs text directory
  local name=$1 first=${2# } text=$3 to=$4 version=15.1 arch=noarch dir=$work/stage/$1 path
  first=${first%% *}
  first=${first#-}
  if [ "$name" = kernel-generic ]; then
    version=${kernel#linux-image-}; version=${version//-/_} arch=x86_64
  elif [ -n "$first" ] && [ "$name" != aaa_libraries ]; then
    version=$(version_of "$first") arch=x86_64
  elif [ -n "$first" ]; then
    arch=x86_64
  fi
  full=$name-$version-$arch-1
  cd "$dir"
  mkdir -p install
  {
    echo "# HOW TO EDIT THIS FILE: the handy ruler makes it easy to keep lines within bounds."
    printf '%*s|-----handy-ruler------------------------------------------------------|\n' "${#name}" ''
    printf '%s: %s (%s)\n%s:\n' "$name" "$name" "$text" "$name"
    printf '%s: Part of a stand-in for Slackware, repackaged from Debian.\n' "$name"
    for _ in 1 2 3 4 5 6 7 8; do printf '%s:\n' "$name"; done
  } > install/slack-desc
  # What an administrator may edit arrives as .new; doinst.sh puts it in place where nothing differs.
  {
    if [ -d etc ]; then
      cat "$standin/config.sh"
      find etc -type f | sort | while IFS= read -r path; do
        mv "$path" "$path.new"
        case $path in etc/rc.d/rc.*.conf) echo "config $path.new" ;; etc/rc.d/*) echo "preserve_perms $path.new" ;; *) echo "config $path.new" ;; esac
      done
    fi
    [ ! -r install/doinst.sh ] || cat install/doinst.sh
  } > "$work/doinst.$name"
  if [ -s "$work/doinst.$name" ]; then cp "$work/doinst.$name" install/doinst.sh; chmod 755 install/doinst.sh; fi
  chown -h root:root . install install/*
  [ ! -e etc/shadow.new ] || { chown root:43 etc/shadow.new etc/gshadow.new; chmod 640 etc/shadow.new etc/gshadow.new; }
  mkdir -p "$to"
  makepkg -l y -c n --compress -0 --threads 1 "$to/$full.txz" >/dev/null
  xz -dc "$to/$full.txz" | "$standin/store-xz" > "$work/stored.$full"
  mv "$work/stored.$full" "$to/$full.txz"
}

export SOURCE_DATE_EPOCH=1700000000
export PATH=$standin/rootfs/pkgtools/sbin:$PATH

unpack_all() {
  say "unpacking"
  export -f trim lay_out unpack make_package version_of fail
  export standin work kernel
  for_each_package unpack
}
