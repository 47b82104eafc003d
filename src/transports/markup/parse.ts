import type { Nodes, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { visible } from './visible.ts'

/**
 * Reads Markdown with GitHub's extensions. No string in the tree holds a control character other
 * than tab and line feed, so that nothing that is rendered from it can drive a terminal.
 */
export function parseMarkdown(text: string): Root {
  const tree = fromMarkdown(text.replace(/\r\n?/g, '\n'), {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  })
  clean(tree)
  return tree
}

/** Character references decode to characters that the text did not show, so the leaves are cleaned. */
function clean(node: Nodes): void {
  for (const [key, value] of Object.entries(node))
    if (typeof value === 'string' && key !== 'type') Object.assign(node, { [key]: visible(value) })
  if ('children' in node) for (const child of node.children) clean(child)
}
