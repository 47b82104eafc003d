/** What several rounds of one measurement gave. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
  /** How many rounds. */
  readonly rounds: number
}

/** Middle, least and greatest of `samples`, of which there is at least one. */
export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b)
  return {
    median: quantile(sorted, 0.5),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
    rounds: sorted.length,
  }
}

/** The value below which the part `q` (0 to 1) of the ascending `sorted` lies. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]
  if (value === undefined) throw new Error('There is no quantile of nothing.')
  return value
}
