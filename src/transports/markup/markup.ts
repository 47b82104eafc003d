import type { Root } from 'mdast'

/** How a network writes a message, and how it counts the characters of what was written. */
export interface Markup {
  render(tree: Root): string
  length(formatted: string): number
}
