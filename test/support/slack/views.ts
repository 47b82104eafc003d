import { z } from 'zod'
import type { Clock } from '../../../src/kernel/clock.ts'
import { Refusal } from './refusal.ts'

const plain = (most: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(most) })
const option = z.strictObject({ text: plain(75), value: z.string().min(1).max(150) })
const id = z.string().min(1).max(255)
const element = z.discriminatedUnion('type', [
  z.strictObject({
    ...{ type: z.literal('static_select'), action_id: id },
    ...{ options: z.array(option).min(1).max(100), initial_option: option.optional() },
  }),
  z.strictObject({
    ...{ type: z.literal('checkboxes'), action_id: id, options: z.array(option).min(1).max(10) },
  }),
  z.strictObject({
    ...{ type: z.literal('plain_text_input'), action_id: id, multiline: z.boolean() },
    ...{ max_length: z.int().min(1).max(3000), initial_value: z.string().max(3000).optional() },
  }),
])
const input = z.strictObject({
  ...{ type: z.literal('input'), block_id: id, optional: z.boolean(), element },
  ...{ label: plain(2000), hint: plain(2000).optional() },
})
const modal = z.strictObject({
  ...{ type: z.literal('modal'), callback_id: id, private_metadata: z.string().max(3000) },
  ...{ title: plain(24), submit: plain(24), close: plain(24) },
  blocks: z.array(input).min(1).max(100),
})

/** A form as a person has it before them. */
export type Form = z.infer<typeof modal> & { readonly id: string }

/** So long the permission to show a form holds, in ms. */
const triggerMs = 3000

/** The forms that people are shown; each needs a permission that somebody's act gave, once and not for long. */
export class Views {
  readonly open: Form[] = []
  readonly #clock: Clock
  readonly #triggers = new Map<string, number>()
  #ids = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Somebody has done something upon which a form may be shown. */
  trigger(): string {
    const trigger = `trigger-${++this.#ids}`
    this.#triggers.set(trigger, this.#clock.now())
    return trigger
  }

  /** Throws `Refusal`. */
  show(trigger: unknown, view: unknown): Form {
    const given = this.#triggers.get(String(trigger))
    if (given === undefined) throw new Refusal('exchanged_trigger_id')
    if (this.#clock.now() - given > triggerMs) throw new Refusal('expired_trigger_id')
    const { success, data } = modal.safeParse(view)
    if (!success) throw new Refusal('invalid_arguments')
    const ids = data.blocks.map(({ block_id: block }) => block)
    if (new Set(ids).size !== ids.length) throw new Refusal('duplicate_block_id')
    this.#triggers.delete(String(trigger))
    const form = { ...data, id: `V${++this.#ids}` }
    this.open.push(form)
    return form
  }

  /** A person fills in a form, as far as their program lets them, and it is gone from their screen. */
  fill(form: Form, words: Readonly<Record<string, string>>): Record<string, unknown> {
    this.open.splice(this.open.indexOf(form), 1)
    const values = form.blocks.map(({ block_id: block, optional, element }) => {
      const word = words[block]
      if (
        word === undefined &&
        !optional &&
        !('initial_value' in element || 'initial_option' in element)
      )
        throw new Error(`"${block}" must be filled in.`)
      return [block, { value: { type: element.type, ...filledIn(element, word) } }]
    })
    const { id, callback_id, private_metadata } = form
    return { id, callback_id, private_metadata, state: { values: Object.fromEntries(values) } }
  }
}

function filledIn(element: Form['blocks'][number]['element'], word: string | undefined) {
  switch (element.type) {
    case 'static_select':
      return { selected_option: chosen(element.options, word) ?? element.initial_option ?? null }
    case 'checkboxes':
      return { selected_options: word === undefined ? [] : [chosen(element.options, word)] }
    case 'plain_text_input':
      return {
        value: (word ?? element.initial_value ?? null)?.slice(0, element.max_length) ?? null,
      }
  }
}

function chosen(options: readonly z.infer<typeof option>[], word: string | undefined) {
  if (word === undefined) return undefined
  const found = options.find(({ value }) => value === word)
  if (!found) throw new Error(`There is no "${word}" to be chosen.`)
  return found
}
