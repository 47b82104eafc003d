import { Problem } from '../../kernel/problem.ts'
import { readLegacyStage } from '../legacy-stage.ts'
import { type Exported, exportSchema } from './export.ts'

/**
 * Reads the text of an export file. Stages by the names of older versions are read as today's. Throws
 * `Problem` `bad-export`, with the place, for whatever could not be the items of a project.
 */
export function readExport(text: string): Exported {
  const read = exportSchema.safeParse(modernised(parse(text)))
  if (!read.success) {
    const [issue] = read.error.issues
    throw bad(`${issue?.path.join('.') || 'it'} does not fit: ${issue?.message ?? 'unknown'}`)
  }
  const fault = findFault(read.data)
  if (fault) throw bad(fault)
  return read.data
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw bad('it is not JSON', cause)
  }
}

/** An older version wrote a stage's name, and beside it perhaps a badge and a reason. */
function modernised(value: unknown): unknown {
  if (!isRecord(value) || !Array.isArray(value.items)) return value
  return { ...value, items: value.items.map(modernisedItem) }
}

function modernisedItem(value: unknown): unknown {
  if (!isRecord(value)) return value
  const { stage: name, status, badge = status, reason, ...item } = value
  const { id, generation = 1, updated: at } = item
  if (typeof name !== 'string' || typeof at !== 'number') return value
  if (typeof id !== 'number' || typeof generation !== 'number') return value
  const said = { badge: textOf(badge), reason: textOf(reason) }
  const stage = readLegacyStage({ name, ...said, at, item: { id, generation } })
  return stage ? { ...item, stage } : value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** What is wrong between items that are each right by themselves. */
function findFault({ items, deleted }: Exported): string | undefined {
  const types = new Map<number, string>()
  for (const { id, type } of [...items, ...deleted.map(({ id }) => ({ id, type: 'deleted' }))]) {
    if (types.has(id)) return `number ${id} is given twice`
    types.set(id, type)
  }
  for (const { id, type, dependsOn, epic } of items) {
    const missing = dependsOn.find((other) => !types.has(other))
    if (missing !== undefined) return `#${id} depends on ${missing}, which is not there`
    if (epic === undefined) continue
    const group = types.get(epic)
    if (type === 'epic' || (group !== 'epic' && group !== 'deleted'))
      return `#${id} cannot be part of ${epic}, because only an epic groups items, and no other epics`
  }
  const circle = findCircle(items)
  return circle === undefined ? undefined : `#${circle} depends on itself, by way of others`
}

/** An item in a circle of dependencies, or behind one. Takes away whatever waits for nothing. */
function findCircle(items: Exported['items']): number | undefined {
  const waiting = new Map(items.map(({ id, dependsOn }) => [id, new Set(dependsOn)]))
  const dependents = new Map<number, number[]>()
  for (const { id, dependsOn } of items)
    for (const other of dependsOn) dependents.set(other, [...(dependents.get(other) ?? []), id])
  const free = [...dependents.keys(), ...waiting.keys()].filter((id) => !waiting.get(id)?.size)
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    waiting.delete(id)
    for (const dependent of dependents.get(id) ?? []) {
      const left = waiting.get(dependent)
      if (left?.delete(id) && left.size === 0) free.push(dependent)
    }
  }
  return [...waiting.keys()][0]
}

function bad(what: string, cause?: unknown): Problem {
  return new Problem(
    'bad-export',
    `The file cannot be imported, because ${what}: make it with huskies export; nothing was changed.`,
    { cause },
  )
}
