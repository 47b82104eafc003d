import type { List, ListItem, PhrasingContent, Root } from 'mdast'
import { layOut } from './layout.ts'
import type { Markup } from './markup.ts'
import { plain } from './plain.ts'

/**
 * The elements of Slack's block `rich_text`, as JSON. In Slack's older markup nothing could keep
 * characters that look like it from being taken for it; here text is text, whatever it holds.
 */
export const slackMarkup: Markup = {
  render: ({ children }) =>
    JSON.stringify(children.length > 0 ? merged(blocks(children, 0)) : slackText(' ')),
  length: (json) => json.length,
}

/** A text that stands as it is, in the same form. */
export function slackText(text: string): readonly RichText[] {
  return [section([{ type: 'text', text }])]
}

type Block = Root['children'][number]

interface Style {
  readonly bold?: true
  readonly italic?: true
  readonly strike?: true
  readonly code?: true
}
type Text = { readonly type: 'text'; readonly text: string; readonly style?: Style }
type Link = {
  readonly type: 'link'
  readonly url: string
  readonly text: string
  readonly style?: Style
}
type Phrase = Text | Link

interface Section {
  readonly type: 'rich_text_section'
  readonly elements: Phrase[]
}
interface ListElement {
  readonly type: 'rich_text_list'
  readonly style: 'bullet' | 'ordered'
  readonly indent: number
  /** What the first number is more than 1. */
  readonly offset?: number
  readonly elements: Section[]
}
interface Other {
  readonly type: 'rich_text_preformatted' | 'rich_text_quote'
  readonly elements: Phrase[]
}

/** A block's elements, as Slack names them. */
export type RichText = Section | ListElement | Other

function blocks(nodes: readonly Block[], indent: number): RichText[] {
  return nodes.flatMap((node) => block(node, indent))
}

function block(node: Block, indent: number): RichText[] {
  switch (node.type) {
    case 'heading':
      return [section(inline(node.children, { bold: true }))]
    case 'paragraph':
      return [section(inline(node.children))]
    case 'code':
      return [...languageOf(node.lang), preformatted(node.value)]
    case 'blockquote':
      return [{ type: 'rich_text_quote', elements: someOf(lines(blocks(node.children, 0))) }]
    case 'list':
      return list(node, indent)
    case 'table':
      return [preformatted(drawn({ type: 'root', children: [node] }))]
    case 'thematicBreak':
      return [section([text('———')])]
    case 'definition':
      return [section([text(`[${node.label ?? node.identifier}]: ${node.url}`)])]
    case 'footnoteDefinition':
      return [
        section([text(`[^${node.label ?? node.identifier}]:`)]),
        ...blocks(node.children, indent),
      ]
    case 'html':
      return [section([text(node.value)])]
    default:
      return [section(inline([node as PhrasingContent]))]
  }
}

/** Slack's lists hold lines only: what else an item holds follows it, and the list goes on behind that. */
function list(node: List, indent: number): RichText[] {
  const first = node.start ?? 1
  return node.children.flatMap((item, index): RichText[] => {
    const [head, ...rest] = item.children
    const isLine = head?.type === 'paragraph'
    const line = [...taskOf(item), ...(isLine ? inline(head.children) : [])]
    const number = first + index
    const elements = [section(line)]
    const style = node.ordered ? 'ordered' : 'bullet'
    const offset = node.ordered && number > 1 ? { offset: number - 1 } : {}
    return [
      { type: 'rich_text_list', style, indent: Math.min(indent, deepest), ...offset, elements },
      ...blocks(isLine ? rest : item.children, indent + 1),
    ]
  })
}

/** Slack knows no deeper lists. */
const deepest = 8

function taskOf({ checked }: ListItem): Phrase[] {
  return typeof checked === 'boolean' ? [text(checked ? '☑ ' : '☐ ')] : []
}

/** What stands alone below each other becomes one, as Slack writes it itself. */
function merged(elements: readonly RichText[]): RichText[] {
  const all: RichText[] = []
  for (const element of elements) {
    const last = all.at(-1)
    if (last?.type === 'rich_text_section' && element.type === 'rich_text_section')
      last.elements.push(text('\n\n'), ...element.elements)
    else if (last?.type === 'rich_text_list' && goesOn(last, element))
      last.elements.push(...element.elements)
    else all.push(element)
  }
  return all
}

function goesOn(list: ListElement, next: RichText): next is ListElement {
  if (next.type !== 'rich_text_list') return false
  const { style, indent, offset = 0, elements } = list
  const number = style === 'ordered' ? offset + elements.length : 0
  return style === next.style && indent === next.indent && number === (next.offset ?? 0)
}

/** A quotation holds lines only, so that lists and code in it become some. */
function lines(elements: readonly RichText[]): Phrase[] {
  return elements.flatMap((element, index) => [
    ...(index > 0 ? [text('\n')] : []),
    ...(element.type === 'rich_text_list'
      ? element.elements.flatMap((item) => [text(mark(element)), ...item.elements])
      : element.elements),
  ])
}

function mark({ style, offset = 0, indent }: ListElement): string {
  return `${'    '.repeat(indent)}${style === 'ordered' ? `${offset + 1}.` : '•'} `
}

function section(elements: readonly Phrase[]): Section {
  return { type: 'rich_text_section', elements: someOf(elements) }
}

/** Slack refuses what holds nothing. */
function someOf(elements: readonly Phrase[]): Phrase[] {
  const shown = elements.filter((element) => element.text !== '')
  return shown.length > 0 ? shown : [text(' ')]
}

function preformatted(code: string): RichText {
  return { type: 'rich_text_preformatted', elements: [text(code === '' ? ' ' : code)] }
}

function languageOf(language: string | null | undefined): RichText[] {
  return language ? [section([text(language, { italic: true })])] : []
}

function drawn(table: Root): string {
  return layOut(table, { ...plain, inlineCode: (code) => code })
}

function inline(nodes: readonly PhrasingContent[], style: Style = {}): Phrase[] {
  return nodes.flatMap((node) => phrase(node, style))
}

function phrase(node: PhrasingContent, style: Style): Phrase[] {
  switch (node.type) {
    case 'text':
    case 'html':
      return [text(node.value, style)]
    case 'strong':
      return inline(node.children, { ...style, bold: true })
    case 'emphasis':
      return inline(node.children, { ...style, italic: true })
    case 'delete':
      return inline(node.children, { ...style, strike: true })
    case 'inlineCode':
      return [text(node.value, { ...style, code: true })]
    case 'break':
      return [text('\n')]
    case 'link':
      return link(inline(node.children, style), node.url, style)
    case 'image':
      return link([text(node.alt ?? '', style)], node.url, style)
    case 'linkReference':
      return [
        text('[', style),
        ...inline(node.children, style),
        text(`][${node.label ?? node.identifier}]`, style),
      ]
    case 'imageReference':
      return [text(`![${node.alt ?? ''}][${node.label ?? node.identifier}]`, style)]
    case 'footnoteReference':
      return [text(`[^${node.label ?? node.identifier}]`, style)]
  }
}

/** Of any other address Slack makes no link, and refuses the message. */
function link(label: readonly Phrase[], url: string, style: Style): Phrase[] {
  const shown = label.map((one) => one.text).join('')
  const bare = [shown, `http://${shown}`, `mailto:${shown}`].includes(url)
  if (url === '') return [...label]
  if (/^(https?:\/\/|mailto:)[^\s]/i.test(url) && label.every(({ type }) => type === 'text'))
    return [{ type: 'link', url, text: shown || url, ...styled(label[0]?.style ?? style) }]
  return bare ? [...label] : [...label, text(shown === '' ? url : ` (${url})`, style)]
}

function text(value: string, style: Style = {}): Text {
  return { type: 'text', text: value, ...styled(style) }
}

function styled(style: Style): { readonly style?: Style } {
  return Object.keys(style).length > 0 ? { style } : {}
}
