import { isAbsolute, join } from 'node:path'

/**
 * The program of a command line. A relative path is looked for in the worktree; a bare name in PATH,
 * as a shell would.
 */
export function programOf(
  [program, ...args]: readonly [string, ...string[]],
  directory: string,
): { readonly command: string; readonly args: readonly string[] } {
  const isPath = program.includes('/') && !isAbsolute(program)
  return { command: isPath ? join(directory, program) : program, args }
}
