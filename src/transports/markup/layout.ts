import type { BlockContent, DefinitionContent, List, ListItem, PhrasingContent, Root } from 'mdast'
import type { Look } from './look.ts'
import { layTable } from './table.ts'

/** Lays a message out in lines of at most `width` columns, where its words allow it. */
export function layOut(tree: Root, look: Look, width = Number.POSITIVE_INFINITY): string {
  return blocks(tree.children, look, width)
}

type Block = Root['children'][number]

function blocks(nodes: readonly Block[], look: Look, width: number, gap = '\n\n'): string {
  return nodes.map((node) => block(node, look, width)).join(gap)
}

function block(node: Block, look: Look, width: number): string {
  switch (node.type) {
    case 'heading':
      return look.wrap(look.heading(inline(node.children, look).trim(), node.depth), width)
    case 'paragraph':
      return look.wrap(inline(node.children, look).trim(), width)
    case 'code':
      return look.codeBlock(node.value, node.lang ?? '')
    case 'blockquote':
      return prefixed(blocks(node.children, look, width - 2), look.quoteMark, look.quoteMark)
    case 'list':
      return list(node, look, width)
    case 'table': {
      const rows = node.children.map((row) =>
        row.children.map((cell) => inline(cell.children, look)),
      )
      return layTable(rows, node.align ?? [], look, width)
    }
    case 'thematicBreak':
      return look.rule(width)
    case 'definition':
      return `[${node.label ?? node.identifier}]: ${node.url}`
    case 'footnoteDefinition':
      return `[^${node.label ?? node.identifier}]: ${blocks(node.children, look, width)}`
    case 'html':
      return node.value
    default:
      return inline([node as PhrasingContent], look)
  }
}

function list(node: List, look: Look, width: number): string {
  const first = node.start ?? 1
  return node.children
    .map((item, index) =>
      listItem(item, node.ordered ? `${first + index}. ` : look.bullet, look, width),
    )
    .join(node.spread ? '\n\n' : '\n')
}

function listItem(item: ListItem, mark: string, look: Look, width: number): string {
  const indent = ' '.repeat(mark.length)
  const task = typeof item.checked === 'boolean' ? look.task(item.checked) : ''
  const content: (BlockContent | DefinitionContent)[] = item.children
  const text = blocks(content, look, width - mark.length, item.spread ? '\n\n' : '\n')
  return prefixed(task + text, mark, indent)
}

/** Puts `first` before the first line and `further` before the others, without trailing spaces. */
function prefixed(text: string, first: string, further: string): string {
  return text
    .split('\n')
    .map((line, index) => `${index === 0 ? first : further}${line}`.trimEnd())
    .join('\n')
}

function inline(nodes: readonly PhrasingContent[], look: Look): string {
  return nodes.map((node) => phrase(node, look)).join('')
}

function phrase(node: PhrasingContent, look: Look): string {
  switch (node.type) {
    case 'text':
    case 'html':
      return node.value
    case 'strong':
    case 'emphasis':
    case 'delete':
      return look[node.type](inline(node.children, look))
    case 'inlineCode':
      return look.inlineCode(node.value)
    case 'break':
      return '\n'
    case 'link':
      return labelled(inline(node.children, look), node.url, look)
    case 'image':
      return labelled(node.alt ?? '', node.url, look)
    case 'linkReference':
      return `[${inline(node.children, look)}][${node.label ?? node.identifier}]`
    case 'imageReference':
      return `![${node.alt ?? ''}][${node.label ?? node.identifier}]`
    case 'footnoteReference':
      return `[^${node.label ?? node.identifier}]`
  }
}

/** A label and where it leads; once only when they are the same, as with a bare address. */
function labelled(label: string, url: string, look: Look): string {
  const bare = [label, `http://${label}`, `mailto:${label}`].includes(url)
  if (bare || url === '') return label
  return label === '' ? url : `${label} ${look.url(`(${url})`)}`
}
