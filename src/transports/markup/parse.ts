import type { Nodes, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { visible } from './visible.ts'

/** In characters. The parser's time grows with the square of a paragraph: a megabyte takes minutes. */
const longestMarkdown = 65_536
const deepestMarkdown = 100

/**
 * Reads Markdown with GitHub's extensions. What is too long or too deep for Markdown is taken for
 * one paragraph that stands as it is. No string in the tree holds a control character other than tab
 * and line feed, so that nothing that is rendered from it can drive a terminal.
 */
export function parseMarkdown(text: string): Root {
  const source = text.replace(/\r\n?/g, '\n')
  try {
    if (source.length <= longestMarkdown) return treeOf(source)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  const value = visible(source)
  return { type: 'root', children: [{ type: 'paragraph', children: [{ type: 'text', value }] }] }
}

/** Throws `RangeError`, as the parser does, when the tree is too deep. */
function treeOf(source: string): Root {
  const tree = fromMarkdown(source, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
  clean(tree, 0)
  return tree
}

/** Character references decode to characters that the text did not show, so the leaves are cleaned. */
function clean(node: Nodes, depth: number): void {
  if (depth > deepestMarkdown) throw new RangeError('nested too deeply')
  for (const [key, value] of Object.entries(node))
    if (typeof value === 'string' && key !== 'type') Object.assign(node, { [key]: visible(value) })
  if ('children' in node) for (const child of node.children) clean(child, depth + 1)
}
