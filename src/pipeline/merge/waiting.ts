import type { LandResult } from '../trunk.ts'

/** What a landing waits for in a person's checkout, as a sentence that says what to do. */
export function describeObstacle({
  checkout,
  files,
  because,
}: Omit<Extract<LandResult, { kind: 'waiting' }>, 'kind'>): string {
  if (because) return `Waits for ${checkout}: ${because}.`
  return `Waits until ${listed(files)} in ${checkout} can be overwritten: commit or stash your changes.`
}

/** The first five, and how many more. */
export function listed(files: readonly string[]): string {
  const shown = files.slice(0, 5).join(', ')
  return files.length > 5 ? `${shown} and ${files.length - 5} more` : shown
}
