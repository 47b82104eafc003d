/** How the parts of a message look where text is laid out in lines of equal characters. */
export interface Look {
  /** Characters as they are to be read: what looks like markup to the network must not be any. */
  text(value: string): string
  strong(text: string): string
  emphasis(text: string): string
  delete(text: string): string
  heading(text: string, depth: number): string
  inlineCode(code: string): string
  codeBlock(code: string, language: string): string
  /** A quotation of lines that are no wider than `quoteWidth` less than the page. */
  quote(text: string): string
  readonly quoteWidth: number
  /** What stands in front of an item of a list without numbers. */
  readonly bullet: string
  task(done: boolean): string
  /** A label, which is markup already, and where it leads; both differ. */
  link(label: string, url: string): string
  /** A line across the page. */
  rule(width: number): string
  /** The heads of a table's columns, and the line below them. */
  tableHead(cell: string): string
  /** Puts a table that `draw` has drawn in some look on the page; in this very look where it is missing. */
  table?(draw: (look: Look) => string): string
  /** Breaks a paragraph into lines that are not wider than `width` columns. */
  wrap(text: string, width: number): string
}

/** Puts `first` before the first line and `further` before the others, without trailing spaces. */
export function prefixed(text: string, first: string, further: string): string {
  return text
    .split('\n')
    .map((line, index) => `${index === 0 ? first : further}${line}`.trimEnd())
    .join('\n')
}
