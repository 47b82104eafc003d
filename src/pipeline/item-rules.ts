import { Problem } from '../kernel/problem.ts'
import type { Item } from './item.ts'

/** Finds an item; undefined for numbers that were never given and for deleted ones. */
export type Find = (id: number) => Item | undefined

/** How many characters an item's name and text may have. */
export const longestName = 200
export const longestBody = 100_000

/** Refuses a name or text that cannot be an item's, with a sentence for the person who wrote it. */
export function checkText({ name, body }: Pick<Item, 'name' | 'body'>): void {
  if (name === '')
    throw new Problem('bad-name', 'An item needs a name: say in a few words what is to be done.')
  if (/\p{Cc}/u.test(name))
    throw new Problem(
      'bad-name',
      'The name of an item is one line of plain text: put the rest below it.',
    )
  if (name.length > longestName)
    throw new Problem(
      'bad-name',
      `The name has ${name.length} characters and ${longestName} are allowed: put the rest below it.`,
    )
  if (body.length > longestBody)
    throw new Problem(
      'body-too-long',
      `The text has ${body.length} characters and ${longestBody} are allowed: shorten it.`,
    )
}

/** Refuses dependencies that are not there, or that depend on `id` themselves (none for a new item). */
export function checkDependencies(
  id: number | undefined,
  dependsOn: readonly number[],
  find: Find,
): void {
  for (const dependency of dependsOn) {
    if (find(dependency)) continue
    throw new Problem(
      'no-such-dependency',
      `There is no item ${dependency} to depend on: look for the right number with "list".`,
    )
  }
  const circle = id === undefined ? undefined : findCircle(id, dependsOn, find)
  if (!circle) return
  throw new Problem(
    'dependency-cycle',
    `That would be a circle, ${circle.map((id) => `#${id}`).join(' -> ')}: leave one of these out.`,
  )
}

/** Refuses to group an item under anything but an epic. */
export function checkEpic({ type, epic }: Pick<Item, 'type' | 'epic'>, find: Find): void {
  if (epic === undefined) return
  const group = find(epic)
  if (!group)
    throw new Problem('no-such-epic', `There is no epic ${epic}: look for its number with "list".`)
  if (group.type !== 'epic')
    throw new Problem(
      'not-an-epic',
      `#${epic} is a ${group.type}, and only an epic groups items: create one with "epic TITLE".`,
    )
  if (type === 'epic')
    throw new Problem('epic-in-epic', 'An epic cannot be part of an epic: group its items instead.')
}

/** The way from `start` over its dependencies back to itself. */
function findCircle(start: number, dependsOn: readonly number[], find: Find): number[] | undefined {
  const dependentOf = new Map<number, number>()
  const waiting = [start]
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const dependencies = id === start ? dependsOn : (find(id)?.dependsOn ?? [])
    for (const dependency of dependencies) {
      if (dependentOf.has(dependency)) continue
      dependentOf.set(dependency, id)
      if (dependency === start) return wayBack(start, dependentOf)
      waiting.push(dependency)
    }
  }
  return undefined
}

function wayBack(id: number, dependentOf: ReadonlyMap<number, number>): number[] {
  const way = [id]
  for (let step = dependentOf.get(id); step !== undefined; step = dependentOf.get(step)) {
    way.unshift(step)
    if (step === id) break
  }
  return way
}
