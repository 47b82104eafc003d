import type { CommandContext } from '../bot/command.ts'
import type { Actor } from '../pipeline/item.ts'

/** Who a change is recorded under: always the authenticated asker, never somebody an argument names. */
export function actorOf({ asker }: CommandContext): Actor {
  return { kind: 'person', id: asker.id, name: asker.name }
}

/** What people call an actor. */
export function nameOf(actor: Actor): string {
  return actor.name ?? actor.id
}
