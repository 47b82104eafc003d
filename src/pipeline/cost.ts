/** What something has cost, in dollars. */
export interface Cost {
  readonly usd: number
  /** The part of it that nobody has confirmed: it follows from tokens and a table of prices. */
  readonly estimated: number
}

export const nothing: Cost = { usd: 0, estimated: 0 }

/** `$3.20`, and `~$3.20` where a part of it is an estimate. */
export function priceTag({ usd, estimated }: Cost): string {
  return `${estimated === 0 ? '' : '~'}${dollars(usd)}`
}

/** `$3.20`; a small amount with one digit that counts, so that it does not look like nothing. */
export function dollars(usd: number): string {
  if (usd !== 0 && Math.abs(usd) < 0.01) return `$${Number(usd.toPrecision(1))}`
  return `$${usd.toFixed(2)}`
}
