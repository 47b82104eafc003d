import stringWidth from 'fast-string-width'
import type { AlignType } from 'mdast'
import type { Look } from './look.ts'

const gap = '  '

/**
 * Lays a table out in columns. Where it is wider than `width`, each row becomes a paragraph of
 * lines that name their column.
 */
export function layTable(
  rows: readonly (readonly string[])[],
  align: readonly AlignType[],
  look: Look,
  width: number,
): string {
  const [named = [], ...body] = rows
  // A row may have more cells than there are names.
  const columns = Math.max(...rows.map(({ length }) => length))
  const head = Array.from({ length: columns }, (_, column) => named[column] ?? '')
  const widths = head.map((_, column) =>
    Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))),
  )
  const total = widths.reduce((sum, one) => sum + one, gap.length * (widths.length - 1))
  if (total > width && body.length > 0)
    return body.map((row) => record(head, row, look, width)).join('\n\n')
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => pad(cell, widths[column] ?? 0, align[column] ?? null))
      .join(gap)
      .trimEnd()
  return [
    line(head.map((cell) => look.tableHead(cell))),
    widths.map((one) => '─'.repeat(one)).join(gap),
    ...body.map(line),
  ].join('\n')
}

function record(
  head: readonly string[],
  row: readonly string[],
  look: Look,
  width: number,
): string {
  return head
    .map((name, column) => ({
      label: name && `${look.tableHead(name)}: `,
      cell: row[column] ?? '',
    }))
    .filter(({ label, cell }) => label + cell !== '')
    .map(({ label, cell }) => look.wrap(label + cell, width))
    .join('\n')
}

function pad(cell: string, width: number, align: AlignType): string {
  const room = width - stringWidth(cell)
  const before = align === 'right' ? room : align === 'center' ? Math.floor(room / 2) : 0
  return ' '.repeat(before) + cell + ' '.repeat(room - before)
}
