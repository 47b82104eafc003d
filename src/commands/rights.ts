import { allows } from '../bot/access.ts'
import type { CommandContext } from '../bot/command.ts'
import { Problem } from '../kernel/problem.ts'

/** Refuses a viewer what a command, which viewers may use to look, does beside that. */
export function membersOnly({ role }: CommandContext, what: string): void {
  if (!allows(role, 'member'))
    throw new Problem('not-allowed', `Only members may ${what}: ask one of them.`)
}
