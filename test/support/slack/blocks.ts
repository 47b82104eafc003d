import { z } from 'zod'
import { Refusal } from './refusal.ts'

const style = z
  .strictObject({
    bold: z.literal(true).optional(),
    italic: z.literal(true).optional(),
    strike: z.literal(true).optional(),
    code: z.literal(true).optional(),
  })
  .optional()
const phrase = z.union([
  z.strictObject({ type: z.literal('text'), text: z.string().min(1), style }),
  z.strictObject({
    type: z.literal('link'),
    url: z.string().regex(/^(https?:\/\/|mailto:)\S/i),
    text: z.string().min(1).optional(),
    style,
  }),
])
const section = z.strictObject({
  type: z.literal('rich_text_section'),
  elements: z.array(phrase).min(1),
})
const element = z.union([
  section,
  z.strictObject({
    type: z.enum(['rich_text_preformatted', 'rich_text_quote']),
    elements: z.array(phrase).min(1),
  }),
  z.strictObject({
    type: z.literal('rich_text_list'),
    style: z.enum(['bullet', 'ordered']),
    indent: z.number().int().min(0).max(8),
    offset: z.number().int().min(1).optional(),
    elements: z.array(section).min(1),
  }),
])
const richText = z.strictObject({
  type: z.literal('rich_text'),
  elements: z.array(element).min(1),
})
const button = z.strictObject({
  type: z.literal('button'),
  text: z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(75),
    emoji: z.boolean(),
  }),
  action_id: z.string().min(1).max(255),
  value: z.string().max(2000),
})
const actions = z.strictObject({
  type: z.literal('actions'),
  elements: z.array(button).min(1).max(25),
})
const blocksOf = z.array(z.union([richText, actions])).max(50)

/** The whole of the blocks may be no longer: above it Slack answers `msg_blocks_too_long`. */
const longestBlocks = 13_000

export interface ReadBlocks {
  /** What people see, with the addresses of links. */
  readonly shown: string
  readonly buttons: readonly {
    readonly id: string
    readonly text: string
    readonly value: string
  }[]
}

/** Reads blocks as strictly as Slack does. Throws `Refusal`. */
export function readBlocks(blocks: unknown): ReadBlocks {
  const { success, data } = blocksOf.safeParse(blocks)
  if (!success) throw new Refusal('invalid_blocks')
  if (JSON.stringify(data).length > longestBlocks) throw new Refusal('msg_blocks_too_long')
  const buttons = data.flatMap((one) => (one.type === 'actions' ? one.elements : []))
  const ids = buttons.map((one) => one.action_id)
  if (new Set(ids).size !== ids.length) throw new Refusal('invalid_blocks')
  const texts = data.flatMap((one) => (one.type === 'rich_text' ? one.elements.map(shownOf) : []))
  return {
    shown: texts.join('\n'),
    buttons: buttons.map(({ action_id: id, text, value }) => ({ id, text: text.text, value })),
  }
}

/** What people see of the elements of one block, which are JSON. Throws `Refusal`. */
export function readRichText(json: string): string {
  return readBlocks([{ type: 'rich_text', elements: JSON.parse(json) }]).shown
}

function shownOf(one: z.infer<typeof element>): string {
  if (one.type !== 'rich_text_list') return one.elements.map(words).join('')
  const { style: kind, offset = 0, indent } = one
  return one.elements
    .map(({ elements }, index) => {
      const mark = kind === 'ordered' ? `${offset + index + 1}.` : '•'
      return `${'  '.repeat(indent)}${mark} ${elements.map(words).join('')}`
    })
    .join('\n')
}

function words(one: z.infer<typeof phrase>): string {
  if (one.type === 'text') return one.text
  const { text = one.url, url } = one
  const bare = [text, `http://${text}`, `mailto:${text}`].includes(url)
  return bare ? text : `${text} (${url})`
}
