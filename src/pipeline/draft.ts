import { readCriteria } from './criteria.ts'
import type { Actor, Item, ItemDraft, ItemPatch } from './item.ts'

/**
 * The item that `draft` asks for, all but its number. What an agent has thought of is upcoming, until a
 * person takes it into the backlog or starts it.
 */
export function newItem(draft: ItemDraft, origin: Actor, now: number): Omit<Item, 'id'> {
  const { type, name, body = '', agent, qa, priority = 'normal', dependsOn, epic } = draft
  return {
    type,
    name: name.trim(),
    body,
    criteria: readCriteria(body),
    stage: origin.kind === 'run' ? { kind: 'upcoming' } : { kind: 'backlog' },
    ...(agent === undefined ? {} : { agent }),
    ...(qa === undefined ? {} : { qa }),
    priority,
    dependsOn: [...new Set(dependsOn)],
    ...(epic === undefined ? {} : { epic }),
    origin,
    generation: 1,
    returns: 0,
    created: now,
    updated: now,
  }
}

/** The item as `patch` wants it, and the names of the fields that really change. */
export function patchItem(item: Item, patch: ItemPatch): { item: Item; edited: string[] } {
  const wanted: ItemPatch = {
    ...patch,
    ...(patch.name === undefined ? {} : { name: patch.name.trim() }),
    ...(patch.dependsOn === undefined ? {} : { dependsOn: [...new Set(patch.dependsOn)] }),
  }
  const changes = Object.entries(wanted).filter(
    ([field, value]) => value !== undefined && !same(item[field as keyof ItemPatch] ?? null, value),
  )
  const kept = Object.entries(item).filter(([field]) => !changes.some(([name]) => name === field))
  const set = changes.filter(([, value]) => value !== null)
  // Cleared fields are left out, all others keep their types: what Object.entries cannot say.
  const next = Object.fromEntries([...kept, ...set]) as unknown as Item
  return {
    item: { ...next, criteria: readCriteria(next.body) },
    edited: changes.map(([field]) => field),
  }
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
