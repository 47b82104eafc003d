import { parseMarkdown } from 'chat'
import type { Nodes } from 'mdast'

/** What Markdown shows, by a parser that is not ours; what it holds of HTML is nobody's to show. */
export function shownBy(markdown: string): string {
  return leavesOf(parseMarkdown(markdown)).join(' ')
}

function leavesOf(node: Nodes): readonly string[] {
  if (node.type === 'html') return []
  if ('children' in node) return node.children.flatMap(leavesOf)
  return 'value' in node ? [node.value] : 'alt' in node ? [node.alt ?? ''] : []
}
