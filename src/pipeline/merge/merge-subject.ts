import { type Item, type ItemType, itemTypes } from '../item.ts'

/** What a landed commit's subject says of its item. Old ones say less. */
export interface MergedItem {
  readonly id: number
  readonly type?: ItemType
  readonly name?: string
}

/** What stands in the base branch's log, and in the release notes made of it. */
export function mergeSubject({ id, type, name }: Pick<Item, 'id' | 'type' | 'name'>): string {
  return `huskies: merge ${id} ${type} ${name}`
}

const types = itemTypes.join('|')
const named = new RegExp(`^huskies: merge (\\d+) (${types}) (\\S.*)$`)
const slug = new RegExp(`^huskies: merge (\\d+)_(${types})_(\\S+)$`)
const bare = /^huskies: merge (\d+)$/

/**
 * Reads the subject of a landed commit in each form that was ever written: named as now, a slug
 * (`12_story_add_a_greeting`), or the number alone. Undefined for any other commit.
 */
export function readMergeSubject(subject: string): MergedItem | undefined {
  const [, id, type, text] = named.exec(subject) ?? slug.exec(subject) ?? bare.exec(subject) ?? []
  if (id === undefined) return undefined
  if (type === undefined || text === undefined) return { id: Number(id) }
  const name = slug.test(subject) ? unslugged(text) : text
  return { id: Number(id), type: type as ItemType, name }
}

/** `add_a_greeting` -> `Add a greeting`. */
function unslugged(text: string): string {
  const words = text.replaceAll('_', ' ').trim()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
