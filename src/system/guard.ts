/**
 * The guard, in POSIX shell: about 0.1 MiB, and alive when the supervisor is not.
 *
 * `$1` the tag as `NAME=value`, `$2` the graceful time in tenths of a second, `$3` the lease's file, `$4` the
 * supervisor's socket, the rest files that go with the server.
 * Its input is a pipe that only the supervisor holds: `watch PID START` names the session to stop,
 * `done` lets go, and the end of the input means that the supervisor is dead.
 *
 * Any user can give the tag to what he starts: it counts for our own processes and for those of the script's user.
 *
 * Its descriptor 3 may be the lease's witness: it is listened on for as long as we live, and nobody whom we start
 * keeps it any longer.
 *
 * States are read from /proc: a group of zombies answers `kill -0` for as long as nobody collects it.
 * Elsewhere `ps` tells them, and a session goes by its group.
 */
export const GUARD_SCRIPT = `
trap '' HUP INT QUIT TERM PIPE
tag=$1 ticks=$2 lease=$3 socket=$4 group= start= alive= asked=
shift 4
while read -r word pid time; do
  case $word in
    watch) group=$pid start=$time; echo watching ;;
    done) exit 0 ;;
  esac
done

# Sets user to who has started a process.
user_of() {
  user=
  while read -r key real rest; do
    case $key in Uid:) user=$real; break ;; esac
  done < "/proc/$1/status"
} 2>/dev/null

look() {
  alive= recycled=
  if [ -r /proc/self/stat ]; then
    for stat in /proc/[0-9]*/stat; do
      { read -r line < "$stat"; } 2>/dev/null || continue
      pid=\${stat#/proc/} pid=\${pid%/stat}
      set -- \${line##*) }
      if [ "$pid" = "$group" ]; then
        if [ "\${20}" = "$start" ]; then user_of "$pid"; leader=$user; else recycled=yes; fi
      fi
      case $1 in Z|X) continue ;; esac
      if [ "$4" = "$group" ]; then alive="$alive $pid"; fi
    done
    if [ -n "$recycled" ]; then alive=; fi
    for path in $(grep -lsF "$tag" /proc/[0-9]*/environ 2>/dev/null 3<&-); do
      pid=\${path#/proc/} pid=\${pid%/environ}
      user_of "$pid"
      case $user in "$self" | "$leader") ;; *) continue ;; esac
      case " $alive " in *" $pid "*) ;; *) alive="$alive $pid" ;; esac
    done
  else
    alive=$(exec 3<&-; ps -A -o pid= -o pgid= -o stat= | while read -r pid pgid state; do
      case $state in Z*) continue ;; esac
      if [ "$pgid" = "$group" ]; then echo "$pid"; fi
    done)
  fi
}

# Asks each process once; one that was forked between a look and its signal is asked at the next look.
ask() {
  for pid in $alive; do
    case " $asked " in *" $pid "*) continue ;; esac
    asked="$asked $pid"
    kill -TERM "$pid" 2>/dev/null
  done
}

if [ -n "$group" ]; then
  self=$(id -ru) leader=$self
  look
  ask
  while [ -n "$alive" ] && [ "$ticks" -gt 0 ]; do
    sleep 0.1 3<&-
    ticks=$((ticks - 1))
    look
    ask
  done
  tries=100
  while [ -n "$alive" ] && [ "$tries" -gt 0 ]; do
    for pid in $alive; do kill -KILL "$pid" 2>/dev/null; done
    sleep 0.1 3<&-
    tries=$((tries - 1))
    look
  done
fi
rm -f "$socket"
if [ -z "$alive" ]; then rm -f "$@" "$lease"; fi
`;
