/** `$3.20`; `$0.004` of a small amount, so that it does not look like nothing. */
export function dollars(usd: number): string {
  if (usd !== 0 && Math.abs(usd) < 0.01) return `$${usd.toPrecision(1)}`
  return `$${usd.toFixed(2)}`
}
