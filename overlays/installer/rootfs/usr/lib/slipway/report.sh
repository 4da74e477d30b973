# What the installer tells: on the screen, in its log, and to the appliance. Sourced by main.

STAGE=start
PERCENT=0
SEQUENCE=0
LAST_SENT=0
QUEUE=$WORK/queue

say() {
  printf '%s\n' "$*"
  printf 'log=%s\n' "$*" | tr -d '\r' | cut -c1-1000 >> "$QUEUE"
}

# stage NAME PERCENT: where the installation is. Sent at once.
stage() {
  STAGE=$1
  PERCENT=$2
  printf '== %s (%s %%)\n' "$1" "$2"
  send
}

# progress PERCENT: sent every few seconds. SECONDS is bash's own and needs no process.
progress() {
  PERCENT=$1
  if [ $(( SECONDS - LAST_SENT )) -ge 5 ]; then
    LAST_SENT=$SECONDS
    send
  fi
}

# send [LINE...]: stage, percent, waiting log lines and the given lines. What could not be sent stays in the queue.
send() {
  local line answer
  [ -n "${SESSION:-}" ] || return 0
  SEQUENCE=$(( SEQUENCE + 1 ))
  {
    printf 'seq=%s\nstage=%s\npercent=%s\n' "$SEQUENCE" "$STAGE" "$PERCENT"
    [ -s "$QUEUE" ] && tail -n 200 "$QUEUE"
    for line in "$@"; do
      printf '%s\n' "$line"
    done
  } > "$WORK/event"
  answer=$(post events "$WORK/event") || return 1
  case $answer in
    status=ok*) : > "$QUEUE" ;;
    *) printf 'The appliance refuses an event: %s\n' "$answer"; return 1 ;;
  esac
}

# post NAME FILE: the appliance's answer to a file, on standard output.
post() {
  wget -q -T 15 -O - --header "X-Slipway-Session: ${SESSION:-}" --header 'Content-Type: text/plain; charset=utf-8' \
    --post-file "$2" "$URL/$1" 2>/dev/null
}

# send_surely LINE...: like send, again and again for up to ten minutes.
send_surely() {
  local tries=0
  until send "$@"; do
    tries=$(( tries + 1 ))
    [ "$tries" -lt 120 ] || return 1
    sleep 5
  done
}

# fail REASON: the end of a failed installation. The target stays as it is, for whoever looks.
fail() {
  trap - INT TERM
  # Some callers' standard output is captured.
  exec 1>&2
  printf '\n*** Installation failed: %s\n\n' "$*"
  send_surely "failed=$(printf '%s' "$*" | tr -d '\r\n' | cut -c1-900)" \
    || printf 'The appliance could not be told.\n'
  printf 'Log: %s/log. This machine does nothing more by itself; a shell follows.\n' "$WORK"
  # fail is called from subshells too: the whole installer must end.
  kill -KILL "$SELF_PID" 2>/dev/null
  exit 1
}
