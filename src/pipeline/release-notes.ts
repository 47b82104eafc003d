import type { Commit } from './branch-facts.ts'
import type { Item } from './item.ts'
import { type MergedItem, readMergeSubject } from './merge/merge-subject.ts'

/** An item that has landed, and the newest commit that brought it. */
export interface Landed extends MergedItem {
  readonly commit: string
}

const groups = [
  ['Features', ['story']],
  ['Fixes', ['bug']],
  ['Refactors', ['refactor']],
] as const

/**
 * The items that these commits brought, in the commits' order, each once. `find` knows the names of
 * those whose subject is a number alone.
 */
export function landedIn(
  commits: readonly Commit[],
  find: (id: number) => Pick<Item, 'type' | 'name'> | undefined,
): Landed[] {
  const landed = new Map<number, Landed>()
  for (const { id: commit, subject } of commits) {
    const merged = readMergeSubject(subject)
    if (!merged || landed.has(merged.id)) continue
    const { type, name } = find(merged.id) ?? {}
    landed.set(merged.id, { ...(type && { type }), ...(name && { name }), ...merged, commit })
  }
  return [...landed.values()]
}

/** Release notes in Markdown: features, fixes and refactorings as `Name (N)`; empty without any. */
export function releaseNotes(landed: readonly Landed[]): string {
  const grouped = groups.map(([title, types]) => {
    const own = landed.filter(({ type }) => types.some((each) => each === type))
    return section(title, own)
  })
  const others = landed.filter(
    ({ type }) => !groups.some(([, types]) => types.some((t) => t === type)),
  )
  return [...grouped, section('Others', others)].filter((text) => text !== '').join('\n\n')
}

function section(title: string, landed: readonly Landed[]): string {
  if (landed.length === 0) return ''
  const lines = landed.map(({ id, name }) => `- ${name ?? 'Item'} (${id})`)
  return [`## ${title}`, '', ...lines].join('\n')
}
