/**
 * The program that stands between us and a run's program: it outlives us and the first signals of
 * a kill, and leaves the exit code behind in one step. It is a constant; everything that comes from
 * a person is an argument, never shell source.
 *
 * A trap that does something harmless (instead of ignoring the signal) is not inherited: the
 * program starts with default signals. Once it has ended, what moves the file must not be ended
 * half-way, so from then on signals are ignored. The program runs inside a function so that no
 * variable of ours can collide with one of its environment.
 */
const script = `
run() { shift; "$@"; }
trap : HUP INT TERM
run "$@"
code=$?
trap '' HUP INT TERM
printf '%s\\n' "$code" >"$1.part" && command -p mv -f "$1.part" "$1"
`

/** The command line of a run: `program` must be a path, so that no shell builtin can be meant. */
export function wrapped(
  exitFile: string,
  program: string,
  args: readonly string[],
): { readonly file: string; readonly args: string[] } {
  return { file: '/bin/sh', args: ['-c', script, 'sh', exitFile, program, ...args] }
}
