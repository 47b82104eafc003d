/** How the parts of a message look where text is laid out in lines of equal characters. */
export interface Look {
  strong(text: string): string
  emphasis(text: string): string
  delete(text: string): string
  heading(text: string, depth: number): string
  inlineCode(code: string): string
  codeBlock(code: string, language: string): string
  /** What stands in front of every line of a quotation. */
  readonly quoteMark: string
  /** What stands in front of an item of a list without numbers. */
  readonly bullet: string
  task(done: boolean): string
  /** Of a link whose label does not show where it leads. */
  url(url: string): string
  /** A line across the page. */
  rule(width: number): string
  /** The heads of a table's columns, and the line below them. */
  tableHead(cell: string): string
  /** Breaks a paragraph into lines that are not wider than `width` columns. */
  wrap(text: string, width: number): string
}
