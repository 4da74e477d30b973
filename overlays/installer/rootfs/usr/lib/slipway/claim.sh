# The claim: token and nonce for instructions. Sourced by main.

identity() {
  tr -cd 'A-Za-z0-9._:-' 2>/dev/null < "/sys/class/dmi/id/$1"
}

claim() {
  local token nonce answer status tries=0
  token=$(parameter token) || fail "the kernel command line has no slipway.token"
  # One nonce for one boot: a claim whose answer was lost is asked again with the same, and gets the same answer.
  if [ ! -s "$WORK/nonce" ]; then
    head -c 16 /dev/urandom | xxd -p | tr -d ' \n' > "$WORK/nonce"
  fi
  nonce=$(cat "$WORK/nonce")
  while :; do
    answer=$(wget -q -T 15 -O - --post-data \
      "token=$token&nonce=$nonce&mac=$(parameter mac)&uuid=$(identity product_uuid)&serial=$(identity product_serial)" \
      "$URL/claim" 2>/dev/null)
    status=$(answer_value status "$answer")
    case $status in
      ok)
        SESSION=$(answer_value session "$answer")
        [ -n "$SESSION" ] || fail "the appliance's answer has no session"
        stage claimed 1
        set_clock
        return 0
        ;;
      wait)
        if [ "$tries" -eq 0 ]; then
          printf '\n*** This machine waits for approval. Its fingerprint: %s\n' "$(answer_value fingerprint "$answer")"
          printf '*** Compare it and run: slipway node approve %s\n\n' "${URL##*/}"
        fi
        ;;
      refused) fail "the appliance refuses the claim: $(answer_value reason "$answer")" ;;
      *) [ $(( tries % 12 )) -ne 0 ] || printf 'The appliance at %s does not answer; still trying\n' "$URL" ;;
    esac
    tries=$(( tries + 1 ))
    sleep 5
  done
}

answer_value() {
  printf '%s\n' "$2" | tr -d '\r' | sed -n "s/^$1=//p" | head -n 1
}

fetch_instructions() {
  local node=${URL##*/}
  fetch_manifest
  fetch "nodes/$node/plan" "$WORK/plan" "$(manifest_sha "nodes/$node/plan")"
  fetch "nodes/$node/packages" "$WORK/packages" "$(manifest_sha "nodes/$node/packages")"
  # What Slackware's packages carry, and what the cluster's and the node's own do.
  fetch contents.gz "$WORK/contents.gz" "$(manifest_sha contents.gz)"
  fetch "nodes/$node/contents" "$WORK/contents.node" "$(manifest_sha "nodes/$node/contents")"
  [ "$(plan format)" = 1 ] || fail "the plan has format $(plan format); this installer reads format 1"
  say "Plan: $(plan node), $(wc -l < "$WORK/packages") packages"
}

fetch_rescue_keys() {
  local node=${URL##*/}
  fetch_manifest
  mkdir -p /root/.ssh
  fetch "nodes/$node/rescue_keys" /root/.ssh/authorized_keys "$(manifest_sha "nodes/$node/rescue_keys")"
  chmod 700 /root /root/.ssh
  chmod 600 /root/.ssh/authorized_keys
}

# Keys only: -s refuses passwords, the empty one too; -R makes a host key of its own for this boot.
start_rescue_ssh() {
  mkdir -p /etc/dropbear
  dropbear -R -s || say "No SSH server could be started; the console is the only way in"
}
