import { escapeMarkdown } from '../kernel/markdown.ts'
import type { Item } from '../pipeline/item.ts'

/** `#3 Add a greeting`. */
export function titled({ id, name }: Pick<Item, 'id' | 'name'>): string {
  return `#${id} ${escapeMarkdown(name)}`
}

/** `#1`, `#1 and #2`, `#1, #2 and #3`. */
export function enumerated(ids: readonly number[]): string {
  const names = ids.map((id) => `#${id}`)
  const last = names.pop() ?? ''
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`
}

/** What a person or program wrote, as the end of a sentence. */
export function sentence(text: string): string {
  const words = text.trimEnd()
  return escapeMarkdown(/[.!?…:]$/.test(words) ? words : `${words}.`)
}

/** `1 commit`, `2 commits`. */
export function counted(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`
}

/** A commit as people write it. */
export function shortCommit(commit: string): string {
  return commit.slice(0, 7)
}
