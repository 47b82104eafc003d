import type {
  BlockContent,
  DefinitionContent,
  List,
  ListItem,
  PhrasingContent,
  Root,
  Table,
} from 'mdast'
import { type Look, prefixed } from './look.ts'
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
      return look.quote(blocks(node.children, look, width - look.quoteWidth))
    case 'list':
      return list(node, look, width)
    case 'table':
      return look.table?.((other) => table(node, other, width)) ?? table(node, look, width)
    case 'thematicBreak':
      return look.rule(width)
    case 'definition':
      return look.text(`[${node.label ?? node.identifier}]: ${node.url}`)
    case 'footnoteDefinition':
      return `${look.text(`[^${node.label ?? node.identifier}]:`)} ${blocks(node.children, look, width)}`
    case 'html':
      return look.text(node.value)
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

function table(node: Table, look: Look, width: number): string {
  const rows = node.children.map((row) => row.children.map((cell) => inline(cell.children, look)))
  return layTable(rows, node.align ?? [], look, width)
}

function inline(nodes: readonly PhrasingContent[], look: Look): string {
  return nodes.map((node) => phrase(node, look)).join('')
}

function phrase(node: PhrasingContent, look: Look): string {
  switch (node.type) {
    case 'text':
    case 'html':
      return look.text(node.value)
    case 'strong':
    case 'emphasis':
    case 'delete':
      return look[node.type](inline(node.children, look))
    case 'inlineCode':
      return look.inlineCode(node.value)
    case 'break':
      return '\n'
    case 'link':
      return labelled(node.children, node.url, look)
    case 'image':
      return labelled([{ type: 'text', value: node.alt ?? '' }], node.url, look)
    case 'linkReference':
      return `${look.text('[')}${inline(node.children, look)}${look.text(`][${node.label ?? node.identifier}]`)}`
    case 'imageReference':
      return look.text(`![${node.alt ?? ''}][${node.label ?? node.identifier}]`)
    case 'footnoteReference':
      return look.text(`[^${node.label ?? node.identifier}]`)
  }
}

/** A label and where it leads; once only when they are the same, as with a bare address. */
function labelled(children: readonly PhrasingContent[], url: string, look: Look): string {
  const label = inline(children, look)
  const shown = children.map((child) => ('value' in child ? child.value : '')).join('')
  const bare = [shown, `http://${shown}`, `mailto:${shown}`].includes(url)
  if (bare || url === '') return label
  return label === '' ? look.text(url) : look.link(label, url)
}
