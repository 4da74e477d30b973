#!/bin/sh
config() {
  NEW="$1"
  OLD="$(dirname $NEW)/$(basename $NEW .new)"
  if [ ! -e "$OLD" ] && [ ! -L "$OLD" ]; then
    mv "$NEW" "$OLD"
  elif [ "$(md5sum < "$OLD")" = "$(md5sum < "$NEW")" ]; then
    rm "$NEW"
  fi
}
preserve_perms() {
  NEW="$1"
  OLD="$(dirname $NEW)/$(basename $NEW .new)"
  if [ -e "$OLD" ]; then
    cp -a "$OLD" "$NEW.incoming"
    cat "$NEW" > "$NEW.incoming"
    mv "$NEW.incoming" "$NEW"
  fi
  config "$NEW"
}
