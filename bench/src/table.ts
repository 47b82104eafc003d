import type { Spread } from './statistics.ts'

/** Rows of cells; the first row is the heading. */
export interface Table {
  readonly caption: string
  readonly rows: readonly (readonly string[])[]
}

/** The table as text: the first column leans left, the others right. */
export function renderTable(table: Table): string {
  const [heading = []] = table.rows
  const widths = heading.map((_, column) =>
    Math.max(...table.rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]) =>
    widths
      .map((width, column) => {
        const cell = row[column] ?? ''
        return column === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')
      .trimEnd()
  const [first = [], ...rest] = table.rows
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [table.caption, '', line(first), rule, ...rest.map(line)].join('\n')
}

/** `12.3 (11.9..13.0)`: a rate per second in thousands, with the least and the greatest of its rounds. */
export function thousands({ median, min, max }: Spread): string {
  return `${short(median / 1000)} (${short(min / 1000)}..${short(max / 1000)})`
}

/** `12.3 ms (11.9..13.0)`. */
export function milliseconds(spread: Spread): string {
  return `${short(spread.median)} ms (${short(spread.min)}..${short(spread.max)})`
}

/** `1.12`: how many times `limit` it is. */
export function ratio(value: number, limit: number): string {
  return (value / limit).toFixed(2)
}

/** Three digits that count: `0.82`, `12.3`, `456`. */
export function short(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)
}
