import type { List, ListItem, PhrasingContent, Root, Table } from 'mdast'
import { escapeHtml, isLanguage } from './html.ts'
import type { Markup } from './markup.ts'

/** The HTML that Matrix allows in a `formatted_body`; an event's size is counted in bytes of its JSON. */
export const matrixMarkup: Markup = {
  render: ({ children }) => blocks(children),
  length: (html) => Buffer.byteLength(JSON.stringify(html)),
}

type Block = Root['children'][number]

function blocks(nodes: readonly Block[]): string {
  return nodes.map(block).join('')
}

function block(node: Block): string {
  switch (node.type) {
    case 'heading':
      return element(`h${node.depth}`, inline(node.children))
    case 'paragraph':
      return element('p', inline(node.children))
    case 'code':
      return element('pre', codeBlock(node.value, node.lang ?? ''))
    case 'blockquote':
      return element('blockquote', blocks(node.children))
    case 'list':
      return list(node)
    case 'table':
      return table(node)
    case 'thematicBreak':
      return '<hr>'
    case 'definition':
      return element('p', escapeHtml(`[${node.label ?? node.identifier}]: ${node.url}`))
    case 'footnoteDefinition':
      return (
        element('p', escapeHtml(`[^${node.label ?? node.identifier}]:`)) + blocks(node.children)
      )
    case 'html':
      return element('p', escapeHtml(node.value))
    default:
      return inline([node as PhrasingContent])
  }
}

function list({ ordered, start, children, spread }: List): string {
  const items = children.map((item) => element('li', listItem(item, spread === true))).join('')
  if (!ordered) return element('ul', items)
  const first = start ?? 1
  return `<ol${first === 1 ? '' : ` start="${first}"`}>${items}</ol>`
}

/** In a list without blank lines a paragraph is a line, not a block of its own. */
function listItem({ checked, children }: ListItem, spread: boolean): string {
  const task = typeof checked === 'boolean' ? (checked ? '☑ ' : '☐ ') : ''
  const content = children.map((child) =>
    child.type === 'paragraph' && !spread ? inline(child.children) : block(child),
  )
  return task + content.join('')
}

function table({ children: [head, ...rows] }: Table): string {
  const row = (cells: Table['children'][number] | undefined, tag: string) =>
    element(
      'tr',
      (cells?.children ?? []).map((cell) => element(tag, inline(cell.children))).join(''),
    )
  const body = rows.length === 0 ? '' : element('tbody', rows.map((one) => row(one, 'td')).join(''))
  return element('table', element('thead', row(head, 'th')) + body)
}

function inline(nodes: readonly PhrasingContent[]): string {
  return nodes.map(phrase).join('')
}

function phrase(node: PhrasingContent): string {
  switch (node.type) {
    case 'text':
    case 'html':
      // Outside of code a line feed is a space in HTML, and people see lines where they were written.
      return escapeHtml(node.value).replaceAll('\n', '<br>')
    case 'strong':
      return element('strong', inline(node.children))
    case 'emphasis':
      return element('em', inline(node.children))
    case 'delete':
      return element('del', inline(node.children))
    case 'inlineCode':
      return codeElement(node.value)
    case 'break':
      return '<br>'
    case 'link':
      return link(inline(node.children), node.url)
    case 'image':
      // Pictures from outside of Matrix are not shown, so it becomes a link.
      return link(escapeHtml(node.alt ?? ''), node.url)
    case 'linkReference':
      return `[${inline(node.children)}]${escapeHtml(`[${node.label ?? node.identifier}]`)}`
    case 'imageReference':
      return escapeHtml(`![${node.alt ?? ''}][${node.label ?? node.identifier}]`)
    case 'footnoteReference':
      return escapeHtml(`[^${node.label ?? node.identifier}]`)
  }
}

/** An address of any other kind would be taken away, so it is shown instead. */
function link(label: string, url: string): string {
  const address = escapeHtml(url)
  if (/^(https?|ftp|mailto|magnet):./i.test(url))
    return `<a href="${address}">${label.replace(/<\/?a\b[^>]*>/g, '') || address}</a>`
  return label === '' || url === '' ? label + address : `${label} (${address})`
}

function codeBlock(code: string, language: string): string {
  if (isLanguage(language)) return codeElement(`${code}\n`, language)
  return codeElement(`${language && `${language}\n`}${code}\n`)
}

function codeElement(code: string, language?: string): string {
  return `<code${language ? ` class="language-${language}"` : ''}>${escapeHtml(code)}</code>`
}

function element(name: string, content: string): string {
  return `<${name}>${content}</${name}>`
}
